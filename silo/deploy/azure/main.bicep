// Silos of Air.Orleans on a scale set of Azure VMs, without public addresses. See docs/deploy.md.
targetScope = 'resourceGroup'

@description('Where the VMs stand.')
param location string = resourceGroup().location

@description('The name of the scale set and the start of what belongs to it.')
param name string = 'air-silo'

@description('How many silos.')
@minValue(1)
@maxValue(100)
param silos int = 3

@description('The size of the VMs.')
param size string = 'Standard_D4s_v5'

@description('The subnet of the VMs; silos reach each other there.')
param subnetId string

@description('The cluster, such as azure://account.table.core.windows.net?cluster=production.')
param cluster string

@description('Where the archive with the published program is; a folder air-silo, with deploy in it.')
param packageUrl string

@description('The key vault with the secrets cluster-secret and api-keys.')
param vaultName string

@description('The public key for the administrator of the VMs.')
param sshKey string

@description('The administrator of the VMs.')
param administrator string = 'air'

var tags = {
  application: 'air-silo'
}
var template = loadTextContent('cloud-init.yaml')
var cloudInit = replace(replace(replace(template, '{cluster}', cluster), '{package}', packageUrl), '{vault}', vaultName)
// Key Vault Secrets User
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsUser)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource scaleSet 'Microsoft.Compute/virtualMachineScaleSets@2024-07-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: size
    capacity: silos
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    orchestrationMode: 'Uniform'
    overprovision: false
    // One silo at a time, the next when this one is ready.
    upgradePolicy: {
      mode: 'Rolling'
      rollingUpgradePolicy: {
        maxBatchInstancePercent: 20
        maxUnhealthyInstancePercent: 20
        maxUnhealthyUpgradedInstancePercent: 20
        pauseTimeBetweenBatches: 'PT30S'
      }
    }
    virtualMachineProfile: {
      osProfile: {
        computerNamePrefix: name
        adminUsername: administrator
        customData: base64(cloudInit)
        linuxConfiguration: {
          disablePasswordAuthentication: true
          ssh: {
            publicKeys: [
              {
                path: '/home/${administrator}/.ssh/authorized_keys'
                keyData: sshKey
              }
            ]
          }
        }
      }
      storageProfile: {
        imageReference: {
          publisher: 'Canonical'
          offer: 'ubuntu-24_04-lts'
          sku: 'server'
          version: 'latest'
        }
        osDisk: {
          createOption: 'FromImage'
          managedDisk: {
            storageAccountType: 'Premium_LRS'
          }
        }
      }
      networkProfile: {
        networkInterfaceConfigurations: [
          {
            name: name
            properties: {
              primary: true
              enableAcceleratedNetworking: true
              ipConfigurations: [
                {
                  name: name
                  properties: {
                    subnet: {
                      id: subnetId
                    }
                  }
                }
              ]
            }
          }
        ]
      }
      // Before a VM is taken away there is time to drain its silo: sudo systemctl stop air-silo.
      scheduledEventsProfile: {
        terminateNotificationProfile: {
          enable: true
          notBeforeTimeout: 'PT5M'
        }
      }
      extensionProfile: {
        extensions: [
          {
            name: 'health'
            properties: {
              publisher: 'Microsoft.ManagedServices'
              type: 'ApplicationHealthLinux'
              typeHandlerVersion: '1.0'
              autoUpgradeMinorVersion: true
              settings: {
                protocol: 'http'
                port: 9000
                requestPath: '/readyz'
              }
            }
          }
        ]
      }
    }
  }
  dependsOn: [
    access
  ]
}

output scaleSetId string = scaleSet.id
