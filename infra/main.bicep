// What `azd up` creates: the app's resource group with everything in it, three identities and six custom roles. Nothing
// here touches another resource group: `azd down` deletes every resource group that a resource of this deployment lies
// in (Azure/azure-dev: resourceGroupsFromDeployment; issue #2916). A role assignment made here on a group of virtual
// machines would let `azd down` delete those machines, and one on the workbench every snapshot in it. Both are made
// outside azd's deployment, by grant.bicep and workbench.bicep.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment. Part of the names of what is created.')
param environmentName string

@minLength(1)
@description('Azure region of the app.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Name of the resource group that snapshots are created in. workbench.bicep creates it.')
param workbenchResourceGroupName string = 'rg-rdp-lifeline-workbench'

@description('Further subscription ids, comma separated, whose alerts are looked at. This subscription is always one.')
param allowedSubscriptions string = ''

@description('Resource ids of further alert rules, comma separated, that may start a repair.')
param alertRuleIds string = ''

@description('on stops every change to Azure and to guests.')
@allowed([
  'on'
  'off'
])
param killSwitch string = 'off'

@description('How long the ledger and Azure may take with an alert, in seconds, before it is parked.')
param parkAfterSeconds string = '4'

@description('Whether upkeep looks through the record of alerts in Azure for those that never came. Needs alerts-grant.bicep.')
@allowed([
  'off'
  'on'
])
param listFiredAlerts string = 'off'

// Numbers arrive from azd's environment as text, and app settings are text.
@description('How many repairs may change something at the same time.')
param maximumMutatingRepairs string = '3'

@description('How many hours a repair waits in the queue for one of these places: 1 to 120.')
param placeWaitHours string = '12'

@description('How many days after its repair a snapshot expires, as its tag says. Nothing deletes it.')
param snapshotRetentionDays string = '14'

@description('How many days after its end a repair stays in the ledger, before it is exported to the archive and deleted there.')
param ledgerRetentionDays string = '365'

@description('How many days the durable engine keeps the histories of what has ended.')
param historyRetentionDays string = '30'

@description('Whether the app tries the RDP port after a repair, and at which address of the machine.')
@allowed([
  'off'
  'private-address'
  'public-address'
])
param rdpProbe string = 'off'

@description('Where recovery VMs are made, comma separated (output workbench of recovery.bicep); none means that no VM is stopped.')
param recoveryWorkbenches string = ''

@description('Tags on everything that the app creates besides its own, as name=value pairs, comma separated: a policy may demand them.')
param resourceTags string = ''

@description('Sizes of recovery VMs, comma separated, the first to be tried first; empty for a list of its own.')
param recoveryVmSizes string = ''

@description('Ids of virtual machines of your own that stand ready as recovery VMs, in the workbench, comma separated.')
param standingRecoveryVms string = ''

@description('Whether a mended copy also gets the serial console switched on, for the next time.')
@allowed([
  'off'
  'on'
])
param recoveryEnableSerialConsole string = 'off'

@description('Whether a mended copy also gets complete memory dumps switched on, for the next time.')
@allowed([
  'off'
  'on'
])
param recoveryEnableCrashDump string = 'off'

@description('Whether what a recovery VM does is rehearsed before each stop of a VM, and not only until a recovery has worked once.')
@allowed([
  'off'
  'on'
])
param recoveryAlwaysRehearse string = 'off'

var tags = {
  'azd-env-name': environmentName
}
var suffix = toLower(uniqueString(subscription().id, environmentName, location))

// assumed: the Resource Manager address is also the audience of its tokens in every cloud, as it is in the public one.
var resourceManager = environment().resourceManager
// `take`, not `substring`: that of an empty text is empty, while `substring` fails for a length below zero (BCP329).
var armEndpoint = endsWith(resourceManager, '/') ? take(resourceManager, length(resourceManager) - 1) : resourceManager

var alertRuleName = 'rdp-lifeline-vm-availability'
var ownAlertRuleId = '${appResourceGroup.id}/providers/Microsoft.Insights/metricAlerts/${alertRuleName}'

resource appResourceGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-rdp-lifeline-${environmentName}'
  location: location
  tags: tags
}

module roles 'app/roles.bicep' = {
  name: 'rdp-lifeline-roles'
  params: {
    environmentName: environmentName
  }
}

module identities 'app/identities.bicep' = {
  name: 'rdp-lifeline-identities'
  scope: appResourceGroup
  params: {
    location: location
    tags: tags
    suffix: suffix
  }
}

module storage 'app/storage.bicep' = {
  name: 'rdp-lifeline-storage'
  scope: appResourceGroup
  params: {
    location: location
    tags: tags
    suffix: suffix
    hostPrincipalId: identities.outputs.hostPrincipalId
  }
}

module parking 'app/parking.bicep' = {
  name: 'rdp-lifeline-parking'
  scope: appResourceGroup
  params: {
    location: location
    tags: tags
    suffix: suffix
    hostPrincipalId: identities.outputs.hostPrincipalId
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'rdp-lifeline-monitoring'
  scope: appResourceGroup
  params: {
    location: location
    tags: tags
    suffix: suffix
    hostPrincipalId: identities.outputs.hostPrincipalId
  }
}

module api 'app/api.bicep' = {
  name: 'rdp-lifeline-api'
  scope: appResourceGroup
  params: {
    location: location
    tags: tags
    suffix: suffix
    storageAccountName: storage.outputs.accountName
    packageContainerName: storage.outputs.packageContainerName
    parkedSignalsQueueServiceUri: parking.outputs.queueServiceUri
    parkAfterSeconds: parkAfterSeconds
    listFiredAlerts: listFiredAlerts
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    hostIdentityId: identities.outputs.hostId
    hostClientId: identities.outputs.hostClientId
    observeIdentityId: identities.outputs.observeId
    observeClientId: identities.outputs.observeClientId
    repairIdentityId: identities.outputs.repairId
    repairClientId: identities.outputs.repairClientId
    armEndpoint: armEndpoint
    workbenchResourceGroupName: workbenchResourceGroupName
    allowedSubscriptions: empty(allowedSubscriptions) ? subscription().subscriptionId : '${subscription().subscriptionId},${allowedSubscriptions}'
    alertRuleIds: empty(alertRuleIds) ? ownAlertRuleId : '${ownAlertRuleId},${alertRuleIds}'
    killSwitch: killSwitch
    maximumMutatingRepairs: maximumMutatingRepairs
    placeWaitHours: placeWaitHours
    snapshotRetentionDays: snapshotRetentionDays
    ledgerRetentionDays: ledgerRetentionDays
    historyRetentionDays: historyRetentionDays
    rdpProbe: rdpProbe
    recoveryWorkbenches: recoveryWorkbenches
    recoveryVmSizes: recoveryVmSizes
    resourceTags: resourceTags
    standingRecoveryVms: standingRecoveryVms
    recoveryEnableSerialConsole: recoveryEnableSerialConsole
    recoveryEnableCrashDump: recoveryEnableCrashDump
    recoveryAlwaysRehearse: recoveryAlwaysRehearse
  }
}

// azd keeps these in its environment, where infra/hooks/connect.* and people read them. None is a secret.
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = appResourceGroup.name
output WORKBENCH_RESOURCE_GROUP string = workbenchResourceGroupName
output LEDGER_TABLE_SERVICE_URI string = storage.outputs.tableServiceUri
output LEDGER_BLOB_SERVICE_URI string = storage.outputs.blobServiceUri
output FUNCTION_APP_NAME string = api.outputs.functionAppName
output ALERT_RULE_NAME string = alertRuleName
output WORKBENCH_ROLE_ID string = roles.outputs.workbenchRoleId
output OBSERVE_ROLE_ID string = roles.outputs.observeRoleId
output ALERTS_ROLE_ID string = roles.outputs.alertsRoleId
output OBSERVE_PRINCIPAL_ID string = identities.outputs.observePrincipalId
output REPAIR_ROLE_ID string = roles.outputs.repairRoleId
output RECOVERY_ROLE_ID string = roles.outputs.recoveryRoleId
output HELPER_ROLE_ID string = roles.outputs.helperRoleId
output REPAIR_PRINCIPAL_ID string = identities.outputs.repairPrincipalId
