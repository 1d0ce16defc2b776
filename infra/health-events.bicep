// Events on the health of the subscription's virtual machines, handed to the function vmHealthEvent. Deployed by hand, into
// the app's resource group, once the app's code runs (docs/deploy.md): the events are a preview, they come from the whole
// subscription, and who deploys this needs Microsoft.ResourceNotifications/systemTopics/subscribeToHealthResources/action.
// https://learn.microsoft.com/azure/event-grid/event-schema-health-resources
targetScope = 'resourceGroup'

@description('Name of the Function App (azd output FUNCTION_APP_NAME).')
param functionAppName string

@description('Name of the function that takes the events.')
param functionName string = 'vmHealthEvent'

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

// A subscription has one system topic of a type: if there is one already, subscribe to that instead.
resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: 'rdp-lifeline-health'
  location: 'global'
  properties: {
    source: subscription().id
    topicType: 'microsoft.resourcenotifications.healthresources'
  }
}

// An endpoint of the type AzureFunction needs no stored key: Event Grid fetches it.
resource healthEvents 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'rdp-lifeline'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${functionApp.id}/functions/${functionName}'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged'
        'Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated'
      ]
    }
    // What is older than an hour starts nothing.
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 60
    }
  }
}
