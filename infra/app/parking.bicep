// A storage account beside the ledger's, with one queue: where alerts wait that the ledger cannot take. Another account, so that what fails the
// one need not fail the other. Reached by identity only; nobody has a key.
@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Makes names unique.')
param suffix string

@description('Principal id of the host identity.')
param hostPrincipalId string

// src/ledger/parked-signals.ts
var queueName = 'rdp-lifeline-parked-signals'

// Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var queueDataMessageProcessor = '8a0f0c08-91a1-4084-bc3d-661d67233fed'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'strdplifelinep${substring(suffix, 0, 10)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = {
  parent: queueService
  name: queueName
}

resource senderAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, hostPrincipalId, queueDataMessageSender)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageSender)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource processorAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, hostPrincipalId, queueDataMessageProcessor)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageProcessor)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output queueServiceUri string = account.properties.primaryEndpoints.queue
