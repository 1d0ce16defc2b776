// The action group that brings alerts to the app, and one sample rule that uses it. Deployed into the app's resource
// group by hooks/connect.* once the app's code runs: before that the host has no keys to list, and asking fails
// (Azure/azure-functions-host#5722, Azure/azure-rest-api-specs#13424).
//
// Why a Function receiver. It needs nothing but the app, so alerts flow on the first day. Its price: the address with
// the alert function's key is stored in the action group, readable by whoever may read the action group, and this
// template must be deployed again after the key is changed. The key opens that one function; the app trusts nothing in
// the payload and asks Resource Manager. Without a stored key: a secure webhook (needs an app registration, which this
// template can't create) or an Event Hub (needs a namespace and an Event Hub trigger in the app).
// https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups
targetScope = 'resourceGroup'

@description('Name of the Function App (azd output FUNCTION_APP_NAME).')
param functionAppName string

@description('Name of the function that takes alerts.')
param functionName string = 'alert'

@description('Route of that function.')
param functionRoute string = 'api/alerts'

@description('Name of the sample rule (azd output ALERT_RULE_NAME).')
param alertRuleName string

@description('Names of the resource groups in this subscription to watch, comma separated.')
param targetResourceGroups string

@description('Region of the virtual machines to watch; a rule over several machines looks at one region.')
param targetRegion string = resourceGroup().location

var targetNames = split(targetResourceGroups, ',')
var targetIds = [for name in targetNames: '${subscription().id}/resourceGroups/${trim(name)}']

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

// The key of this one function, not the host's key that opens every function. Kept out of the outputs.
var alertKey = listKeys('${functionApp.id}/functions/${functionName}', '2024-04-01').default

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'rdp-lifeline'
  location: 'global'
  properties: {
    groupShortName: 'rdplifeline'
    enabled: true
    azureFunctionReceivers: [
      {
        name: 'rdp-lifeline'
        functionAppResourceId: functionApp.id
        functionName: functionName
        httpTriggerUrl: 'https://${functionApp.properties.defaultHostName}/${functionRoute}?code=${alertKey}'
        useCommonAlertSchema: true
      }
    ]
  }
}

// The metric is 1 while the platform sees the machine up, 0 while not. It is blind to a guest that runs and refuses
// RDP, and it fires when somebody stops the machine on purpose (the app looks, sees a stopped machine and refuses).
// A better rule for RDP itself is a Connection Monitor test of TCP 3389: docs/deploy.md.
resource availabilityRule 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: alertRuleName
  location: 'global'
  properties: {
    description: 'A virtual machine is not available. Starts RDP Lifeline, which goes as far as the tag rdp-lifeline of the machine allows.'
    severity: 1
    enabled: true
    scopes: targetIds
    targetResourceType: 'Microsoft.Compute/virtualMachines'
    targetResourceRegion: targetRegion
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'unavailable'
          metricNamespace: 'Microsoft.Compute/virtualMachines'
          metricName: 'VmAvailabilityMetric'
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
        // Appended to the payload as customProperties.
        // https://learn.microsoft.com/azure/templates/microsoft.insights/2018-03-01/metricalerts#metricalertaction
        webHookProperties: {
          'rdp-lifeline': 'vm-availability'
        }
      }
    ]
  }
}

output actionGroupId string = actionGroup.id
output alertRuleId string = availabilityRule.id
