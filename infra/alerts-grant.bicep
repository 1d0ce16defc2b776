// Lets the observe identity list the subscription's alerts, so that upkeep finds those that never came (setting LIST_FIRED_ALERTS). Deployed into
// the subscription by hand (docs/deploy.md), and never as a part of main.bicep. The role reads alerts and nothing else.
targetScope = 'subscription'

@description('Resource id of the custom role "alerts" (azd output ALERTS_ROLE_ID).')
param alertsRoleId string

@description('Principal id of the observe identity (azd output OBSERVE_PRINCIPAL_ID).')
param observePrincipalId string

resource alertsAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, observePrincipalId, alertsRoleId)
  properties: {
    roleDefinitionId: alertsRoleId
    principalId: observePrincipalId
    principalType: 'ServicePrincipal'
  }
}
