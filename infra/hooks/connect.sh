#!/bin/sh
# azd runs this after every deployment, and `azd hooks run postdeploy` runs it at any time. It connects the app to the
# resource groups named in TARGET_RESOURCE_GROUPS (comma separated): the workbench for their snapshots, grants on each of
# them, then the alert rule over all of them. Repeating it changes nothing. connect.ps1 is the same for Windows; keep
# them equal.
set -eu

targets=$(printf '%s' "${TARGET_RESOURCE_GROUPS:-}" | tr -d ' ')
if [ -z "$targets" ]; then
  echo 'No resource group is connected yet, so nothing can be looked at. To connect one:'
  echo '  azd env set TARGET_RESOURCE_GROUPS <name>[,<name>...]'
  echo '  azd hooks run postdeploy'
  exit 0
fi

if ! az account show --subscription "$AZURE_SUBSCRIPTION_ID" --output none; then
  echo 'Connecting needs the Azure CLI, logged in (az login) to this subscription. Then run: azd hooks run postdeploy' >&2
  exit 1
fi

# Not named after the environment: azd takes a deployment for its own if it finds none that it tagged and the name
# contains the environment's (Azure/azure-dev: CompletedDeployments), and `azd down` would delete this group after all.
# With the region, because the region of a deployment name never changes.
echo "Preparing the workbench $WORKBENCH_RESOURCE_GROUP"
az deployment sub create \
  --subscription "$AZURE_SUBSCRIPTION_ID" \
  --location "$AZURE_LOCATION" \
  --name "snapshot-workbench-$AZURE_LOCATION" \
  --template-file infra/workbench.bicep \
  --parameters \
    "workbenchResourceGroupName=$WORKBENCH_RESOURCE_GROUP" \
    "location=$AZURE_LOCATION" \
    "workbenchRoleId=$WORKBENCH_ROLE_ID" \
    "repairPrincipalId=$REPAIR_PRINCIPAL_ID" \
    "observeRoleId=$OBSERVE_ROLE_ID" \
    "observePrincipalId=$OBSERVE_PRINCIPAL_ID" \
  --output none

for group in $(printf '%s' "$targets" | tr ',' ' '); do
  echo "Granting on resource group $group"
  az deployment group create \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$group" \
    --name "rdp-lifeline-grant-$AZURE_ENV_NAME" \
    --template-file infra/grant.bicep \
    --parameters \
      "observeRoleId=$OBSERVE_ROLE_ID" \
      "observePrincipalId=$OBSERVE_PRINCIPAL_ID" \
      "repairRoleId=$REPAIR_ROLE_ID" \
      "repairPrincipalId=$REPAIR_PRINCIPAL_ID" \
    --output none
done

echo "Connecting the alert rule $ALERT_RULE_NAME"
az deployment group create \
  --subscription "$AZURE_SUBSCRIPTION_ID" \
  --resource-group "$AZURE_RESOURCE_GROUP" \
  --name "rdp-lifeline-alerts" \
  --template-file infra/alerts.bicep \
  --parameters \
    "functionAppName=$FUNCTION_APP_NAME" \
    "alertRuleName=$ALERT_RULE_NAME" \
    "targetResourceGroups=$targets" \
    "targetRegion=${TARGET_REGION:-$AZURE_LOCATION}" \
  --output none
