# The same as connect.sh, for Windows; keep them equal.
$ErrorActionPreference = 'Stop'

function Invoke-AzureCli {
    az @args
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

$targets = "$env:TARGET_RESOURCE_GROUPS".Replace(' ', '')
if ($targets -eq '') {
    Write-Output 'No resource group is connected yet, so nothing can be looked at. To connect one:'
    Write-Output '  azd env set TARGET_RESOURCE_GROUPS <name>[,<name>...]'
    Write-Output '  azd hooks run postdeploy'
    exit 0
}

$loggedIn = $false
if (Get-Command az -ErrorAction SilentlyContinue) {
    az account show --subscription $env:AZURE_SUBSCRIPTION_ID --output none
    $loggedIn = $LASTEXITCODE -eq 0
}
if (-not $loggedIn) {
    [Console]::Error.WriteLine('Connecting needs the Azure CLI, logged in (az login) to this subscription. Then run: azd hooks run postdeploy')
    exit 1
}

# The name of the deployment: see connect.sh.
Write-Output "Preparing the workbench $env:WORKBENCH_RESOURCE_GROUP"
Invoke-AzureCli deployment sub create `
    --subscription $env:AZURE_SUBSCRIPTION_ID `
    --location $env:AZURE_LOCATION `
    --name "snapshot-workbench-$env:AZURE_LOCATION" `
    --template-file infra/workbench.bicep `
    --parameters `
    "workbenchResourceGroupName=$env:WORKBENCH_RESOURCE_GROUP" `
    "location=$env:AZURE_LOCATION" `
    "workbenchRoleId=$env:WORKBENCH_ROLE_ID" `
    "repairPrincipalId=$env:REPAIR_PRINCIPAL_ID" `
    "observeRoleId=$env:OBSERVE_ROLE_ID" `
    "observePrincipalId=$env:OBSERVE_PRINCIPAL_ID" `
    --output none

foreach ($group in $targets.Split(',', [StringSplitOptions]::RemoveEmptyEntries)) {
    Write-Output "Granting on resource group $group"
    Invoke-AzureCli deployment group create `
        --subscription $env:AZURE_SUBSCRIPTION_ID `
        --resource-group $group `
        --name "rdp-lifeline-grant-$env:AZURE_ENV_NAME" `
        --template-file infra/grant.bicep `
        --parameters `
        "observeRoleId=$env:OBSERVE_ROLE_ID" `
        "observePrincipalId=$env:OBSERVE_PRINCIPAL_ID" `
        "repairRoleId=$env:REPAIR_ROLE_ID" `
        "repairPrincipalId=$env:REPAIR_PRINCIPAL_ID" `
        --output none
}

$region = if ($env:TARGET_REGION) { $env:TARGET_REGION } else { $env:AZURE_LOCATION }
Write-Output "Connecting the alert rule $env:ALERT_RULE_NAME"
Invoke-AzureCli deployment group create `
    --subscription $env:AZURE_SUBSCRIPTION_ID `
    --resource-group $env:AZURE_RESOURCE_GROUP `
    --name 'rdp-lifeline-alerts' `
    --template-file infra/alerts.bicep `
    --parameters `
    "functionAppName=$env:FUNCTION_APP_NAME" `
    "alertRuleName=$env:ALERT_RULE_NAME" `
    "targetResourceGroups=$targets" `
    "targetRegion=$region" `
    --output none
