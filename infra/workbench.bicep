// The workbench: the resource group that snapshots are created in, the right of the repair identity to create them there,
// and that of the observe identity to see what is left. Deployed into the subscription by hooks/connect.* and never as a part of main.bicep: `azd down` deletes every
// resource group that its own deployment touched, and the snapshots are the way back of every repair. So the group also
// carries no tag azd-env-name, by which azd finds what belongs to an environment
// (Azure/azure-dev: cli/azd/pkg/infra/azure_resource_manager.go).
targetScope = 'subscription'

@description('Name of the workbench (azd output WORKBENCH_RESOURCE_GROUP).')
param workbenchResourceGroupName string

@description('Region of the group itself. Snapshots are created in the region of their disk, whatever stands here.')
param location string

@description('Resource id of the custom role "workbench" (azd output WORKBENCH_ROLE_ID).')
param workbenchRoleId string

@description('Principal id of the repair identity (azd output REPAIR_PRINCIPAL_ID).')
param repairPrincipalId string

@description('Resource id of the custom role "observe" (azd output OBSERVE_ROLE_ID).')
param observeRoleId string

@description('Principal id of the observe identity (azd output OBSERVE_PRINCIPAL_ID).')
param observePrincipalId string

resource workbenchResourceGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: workbenchResourceGroupName
  location: location
}

// A file of its own because a resource can be created only in the scope of its file.
// https://learn.microsoft.com/azure/azure-resource-manager/bicep/deploy-to-subscription
module workbenchGrant 'workbench-grant.bicep' = {
  name: 'rdp-lifeline-workbench-grant'
  scope: workbenchResourceGroup
  params: {
    workbenchRoleId: workbenchRoleId
    repairPrincipalId: repairPrincipalId
    observeRoleId: observeRoleId
    observePrincipalId: observePrincipalId
  }
}
