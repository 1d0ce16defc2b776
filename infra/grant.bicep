// Grants on one resource group whose virtual machines opted in: what observes may read there, what repairs may act.
// Deployed into that resource group, one deployment per group, by hooks/connect.* or by hand (docs/deploy.md) and never
// as a part of main.bicep: see the warning there.
targetScope = 'resourceGroup'

@description('Resource id of the custom role "observe" (azd output OBSERVE_ROLE_ID).')
param observeRoleId string

@description('Principal id of the observe identity (azd output OBSERVE_PRINCIPAL_ID).')
param observePrincipalId string

@description('Resource id of the custom role "repair" (azd output REPAIR_ROLE_ID).')
param repairRoleId string

@description('Principal id of the repair identity (azd output REPAIR_PRINCIPAL_ID).')
param repairPrincipalId string

resource observeAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, observePrincipalId, observeRoleId)
  properties: {
    roleDefinitionId: observeRoleId
    principalId: observePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource repairAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, repairRoleId)
  properties: {
    roleDefinitionId: repairRoleId
    principalId: repairPrincipalId
    principalType: 'ServicePrincipal'
  }
}
