#!/bin/sh
# Writes the secrets cluster-secret, api-keys, silo-pem, silo-key and authority-pem of a key vault (the files of "air certs") to /etc/air, with the identity of this VM. $1 is the vault's name.
set -eu
umask 077
token=$(curl --silent --fail --header Metadata:true \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net" \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
fetch() {
    printf 'header = "Authorization: Bearer %s"\n' "$token" \
        | curl --silent --fail --config - "https://$1.vault.azure.net/secrets/$2?api-version=7.4" \
        | sed 's/.*"value":"\([^"]*\)".*/\1/; s/\\r//g; s/\\n/\n/g' > "$3"
}
fetch "$1" cluster-secret /etc/air/cluster.secret
fetch "$1" api-keys /etc/air/api.keys
fetch "$1" silo-pem /etc/air/silo.pem
fetch "$1" silo-key /etc/air/silo.key
fetch "$1" authority-pem /etc/air/authority.pem
