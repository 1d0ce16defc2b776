// The Function App on a Flex Consumption plan, and its settings. A new setting is added in three places that
// test/infra keeps equal: here, ../../local.settings.sample.json and the table in docs/deploy.md.
@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param suffix string

param storageAccountName string
param packageContainerName string

@description('Queue endpoint of the storage account where alerts are parked.')
param parkedSignalsQueueServiceUri string

@description('How long the ledger and Azure may take with an alert, in seconds, before it is parked.')
param parkAfterSeconds string

@description('Whether upkeep looks for alerts that never came.')
param listFiredAlerts string
param applicationInsightsName string
param hostIdentityId string
param hostClientId string
param observeIdentityId string
param observeClientId string
param repairIdentityId string
param repairClientId string

@description('Address of Azure Resource Manager in this cloud, without a slash at the end.')
param armEndpoint string

param workbenchResourceGroupName string
param allowedSubscriptions string
param alertRuleIds string
param killSwitch string
param maximumMutatingRepairs string
param placeWaitHours string
param snapshotRetentionDays string
param ledgerRetentionDays string
param historyRetentionDays string
param rdpProbe string
param recoveryWorkbenches string
param recoveryVmSizes string
param resourceTags string
param standingRecoveryVms string
param recoveryEnableSerialConsole string
param recoveryEnableCrashDump string
param recoveryAlwaysRehearse string

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-rdp-lifeline-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource functionApp 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-rdp-lifeline-${suffix}'
  location: location
  // azd finds the app to deploy to by this tag: https://learn.microsoft.com/azure/developer/azure-developer-cli/faq
  tags: union(tags, {
    'azd-service-name': 'api'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${hostIdentityId}': {}
      '${observeIdentityId}': {}
      '${repairIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: hostIdentityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        // 40 is the lowest that every region takes (MicrosoftDocs/azure-docs#128255), and it is counted per group of
        // functions. What limits a storm of alerts is the cap in the ledger, not this.
        maximumInstanceCount: 40
        // One warm instance each, so that an alert is answered, and a durable timer fires, without a cold start.
        alwaysReady: [
          {
            name: 'durable'
            instanceCount: 1
          }
          {
            name: 'http'
            instanceCount: 1
          }
        ]
      }
      runtime: {
        name: 'node'
        version: '22'
      }
    }
  }
}

// Deployment is by Microsoft Entra identity; user names and passwords are off.
resource scmCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: functionApp
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: functionApp
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: functionApp
  name: 'appsettings'
  properties: {
    // The Functions host
    AzureWebJobsStorage__accountName: storage.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: hostClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${hostClientId};Authorization=AAD'
    // The most of a request that the host reads, whoever sends it, in bytes. Our doors take 256 KiB (src/triggers/read-body.ts); a delivery of
    // Event Grid may have 1 MB (https://learn.microsoft.com/azure/event-grid/quotas-limits), and what is refused of it may never come again.
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2097152'
    // The app (src/settings.ts)
    TASKHUB_NAME: 'rdplifeline'
    LEDGER_TABLE_SERVICE_URI: storage.properties.primaryEndpoints.table
    LEDGER_BLOB_SERVICE_URI: storage.properties.primaryEndpoints.blob
    LEDGER_IDENTITY_CLIENT_ID: hostClientId
    PARKED_SIGNALS_QUEUE_SERVICE_URI: parkedSignalsQueueServiceUri
    PARK_AFTER_SECONDS: parkAfterSeconds
    LIST_FIRED_ALERTS: listFiredAlerts
    OBSERVE_IDENTITY_CLIENT_ID: observeClientId
    REPAIR_IDENTITY_CLIENT_ID: repairClientId
    ARM_ENDPOINT: armEndpoint
    ARM_AUDIENCE: '${armEndpoint}/.default'
    SNAPSHOT_BLOB_HOSTS: ''
    WORKBENCH_RESOURCE_GROUP: workbenchResourceGroupName
    ALLOWED_SUBSCRIPTIONS: allowedSubscriptions
    ALERT_RULE_IDS: alertRuleIds
    KILL_SWITCH: killSwitch
    MAXIMUM_MUTATING_REPAIRS: maximumMutatingRepairs
    PLACE_WAIT_HOURS: placeWaitHours
    SNAPSHOT_RETENTION_DAYS: snapshotRetentionDays
    LEDGER_RETENTION_DAYS: ledgerRetentionDays
    HISTORY_RETENTION_DAYS: historyRetentionDays
    RDP_PROBE: rdpProbe
    RECOVERY_WORKBENCHES: recoveryWorkbenches
    RECOVERY_VM_SIZES: recoveryVmSizes
    RESOURCE_TAGS: resourceTags
    STANDING_RECOVERY_VMS: standingRecoveryVms
    RECOVERY_ENABLE_SERIAL_CONSOLE: recoveryEnableSerialConsole
    RECOVERY_ENABLE_CRASH_DUMP: recoveryEnableCrashDump
    RECOVERY_ALWAYS_REHEARSE: recoveryAlwaysRehearse
  }
}

output functionAppName string = functionApp.name
