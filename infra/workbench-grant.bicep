// Lets the repair identity create snapshots in the workbench, and only there, and the observe identity look around, without
// which nothing that has expired is deleted. A module of workbench.bicep.
targetScope = 'resourceGroup'

@description('Resource id of the custom role "workbench".')
param workbenchRoleId string

@description('Principal id of the repair identity.')
param repairPrincipalId string

@description('Resource id of the custom role "observe".')
param observeRoleId string

@description('Principal id of the observe identity.')
param observePrincipalId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, repairPrincipalId, workbenchRoleId)
  properties: {
    roleDefinitionId: workbenchRoleId
    principalId: repairPrincipalId
    // Said outright because a new identity may not be known yet to the directory that would be asked.
    // https://learn.microsoft.com/azure/role-based-access-control/role-assignments-template#new-service-principal
    principalType: 'ServicePrincipal'
  }
}

resource observeAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, observePrincipalId, observeRoleId)
  properties: {
    roleDefinitionId: observeRoleId
    principalId: observePrincipalId
    principalType: 'ServicePrincipal'
  }
}
