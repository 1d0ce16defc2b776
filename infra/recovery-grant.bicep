// Lets the VMs of one resource group be stopped, and their OS disks exchanged for mended copies. Deployed into that resource
// group by hand (docs/deploy.md), and never as a part of main.bicep: see the warning there.
targetScope = 'resourceGroup'

@description('Resource id of the custom role "recovery" (azd output RECOVERY_ROLE_ID).')
param recoveryRoleId string

@description('Principal id of the repair identity (azd output REPAIR_PRINCIPAL_ID).')
param repairPrincipalId string

resource recoveryAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, recoveryRoleId)
  properties: {
    roleDefinitionId: recoveryRoleId
    principalId: repairPrincipalId
    principalType: 'ServicePrincipal'
  }
}
