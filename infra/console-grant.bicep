// Lets the observe identity see whether the serial console is enabled: a switch of the whole subscription, which no grant on
// a resource group reaches. Deployed into the subscription by hand (docs/deploy.md), and never as a part of main.bicep. The
// role reads virtual machines too, so with this grant the identity may look at all of the subscription's.
targetScope = 'subscription'

@description('Resource id of the custom role "observe" (azd output OBSERVE_ROLE_ID).')
param observeRoleId string

@description('Principal id of the observe identity (azd output OBSERVE_PRINCIPAL_ID).')
param observePrincipalId string

resource observeAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, observePrincipalId, observeRoleId)
  properties: {
    roleDefinitionId: observeRoleId
    principalId: observePrincipalId
    principalType: 'ServicePrincipal'
  }
}
