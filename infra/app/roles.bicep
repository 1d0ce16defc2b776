// The custom roles. What each may do stands in ../roles/*.json and nowhere else: the simulated Azure grants from the
// same files, so an action that is missing there is missing in a local run too.
targetScope = 'subscription'

@description('Name of the azd environment.')
param environmentName string

var observe = loadJsonContent('../roles/observe.json')
var repair = loadJsonContent('../roles/repair.json')
var workbench = loadJsonContent('../roles/workbench.json')
var helper = loadJsonContent('../roles/helper.json')
var recovery = loadJsonContent('../roles/recovery.json')
var alerts = loadJsonContent('../roles/alerts.json')

// A custom role's display name must be unique in the whole tenant, so it carries the environment's name.
// https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties
resource observeRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'observe')
  properties: {
    roleName: '${observe.Name} (${environmentName})'
    description: observe.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: observe.Actions
        notActions: observe.NotActions
        dataActions: observe.DataActions
        notDataActions: observe.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource repairRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'repair')
  properties: {
    roleName: '${repair.Name} (${environmentName})'
    description: repair.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: repair.Actions
        notActions: repair.NotActions
        dataActions: repair.DataActions
        notDataActions: repair.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource workbenchRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'workbench')
  properties: {
    roleName: '${workbench.Name} (${environmentName})'
    description: workbench.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: workbench.Actions
        notActions: workbench.NotActions
        dataActions: workbench.DataActions
        notDataActions: workbench.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource recoveryRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'recovery')
  properties: {
    roleName: '${recovery.Name} (${environmentName})'
    description: recovery.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: recovery.Actions
        notActions: recovery.NotActions
        dataActions: recovery.DataActions
        notDataActions: recovery.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource helperRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'helper')
  properties: {
    roleName: '${helper.Name} (${environmentName})'
    description: helper.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: helper.Actions
        notActions: helper.NotActions
        dataActions: helper.DataActions
        notDataActions: helper.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource alertsRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, environmentName, 'alerts')
  properties: {
    roleName: '${alerts.Name} (${environmentName})'
    description: alerts.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: alerts.Actions
        notActions: alerts.NotActions
        dataActions: alerts.DataActions
        notDataActions: alerts.NotDataActions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

output observeRoleId string = observeRole.id
output repairRoleId string = repairRole.id
output workbenchRoleId string = workbenchRole.id
output recoveryRoleId string = recoveryRole.id
output helperRoleId string = helperRole.id
output alertsRoleId string = alertsRole.id
