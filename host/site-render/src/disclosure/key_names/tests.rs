use super::{Sensitivity, is_reference, sensitivity};

#[test]
fn a_name_is_known_in_every_style() {
    let named = |key: &str| sensitivity(key);
    for key in [
        "password",
        "dbPassword",
        "DB_PASSWORD",
        "db-password",
        "conn.password",
        "dbpassword",
        "PASSWD",
        "rootPasswd",
        "passphrase",
        "SECRET_KEY",
        "apiKey",
        "APIKey",
        "X-API-Key",
        "private_key",
        "clientSecret",
        "Passw\u{f6}rd",
        "apiToken",
    ] {
        assert_eq!(named(key), Sensitivity::Certain, "{key}");
    }
    for key in [
        "token",
        "accessToken",
        "GITHUB_TOKEN",
        "pwd",
        "dbPwd",
        "DB_PASS",
        "credentials",
        "aws.credentials",
        "passwordHash",
        "password2",
        "tokenValue",
        "PASSWORD_OLD",
        "signing-key",
        "Authorization",
        "tokens",
        "PGPASS",
        "dbpwd",
        "ghtoken",
    ] {
        assert_eq!(named(key), Sensitivity::Likely, "{key}");
    }
    let ambiguous = "secret django.secret oauthSecret secrets appSecrets secretKeys secretData \
        SECRET_OLD secret2 passwordSecret auth registry_auth jwt DB_PASSWORD_TEST \
        API_TOKEN_SERVICE passwordController POSTGRES_PASSWORD_STORAGE \
        ADMIN_TOKEN_BACKEND";
    for key in ambiguous.split(' ') {
        assert_eq!(named(key), Sensitivity::Ambiguous, "{key}");
    }
}

#[test]
fn words_behind_the_name_of_a_secret_do_not_hide_it() {
    for key in [
        "apiKeys",
        "accessKeys",
        "privateKeys",
        "clientSecrets",
        "connectionStrings",
        "API_TOKENS",
        "privateKeyPem",
        "DB_PASSWORD_PROD",
        "secret_key_base",
        "SECRET_KEY_FALLBACKS",
        "passwordForDb",
        "mysqlRootPasswordOverride",
        "dbPasswordEncrypted",
        "passwordhash",
        "api_token_v2",
        "TOKEN_STAGING_2",
        "authorizationHeader",
        "credentialsJson",
        "tls.key",
        "server.key",
        ".dockerconfigjson",
        "pw",
        "rootPw",
        "privKey",
        "bearer",
        "SENTRY_DSN",
        "kubeconfig",
        "dockerconfigjson",
        "gcpServiceAccountJson",
        "otpSeed",
        "mnemonic",
        "seedPhrase",
        "slackWebhookUrl",
        "wifi_psk",
        "unsealKeys",
        "VAULT_SECRET_ID",
        "fernet_key",
        "client-key-data",
        "tlsKey",
        "deployKey",
        "gpgKey",
        "dkim_private",
        "privateExponent",
        "aesKey",
        "kek",
        "DEK",
        "snmp_community",
        "tsigKey",
        "walletSeed",
        "sessionId",
        "\u{ff30}\u{ff21}\u{ff33}\u{ff33}\u{ff37}\u{ff4f}rd1",
    ] {
        assert_eq!(sensitivity(key), Sensitivity::Likely, "{key}");
    }
}

#[test]
fn a_name_about_a_secret_is_none() {
    for key in [
        "existingSecret",
        "existingSecretPasswordKey",
        "existingPassword",
        "auth.existingPasswordSecret",
        "passwordKey",
        "secretName",
        "passwordFile",
        "tokenUrl",
        "bypass",
        "compass",
        "site-secrets",
        "imagePullSecrets",
        "tlsSecret",
        "extraEnvVarsSecret",
        "key",
        "name",
        "PASSWORD_HASHERS",
        "tokenizer",
        "tokenReview",
        "authEnabled",
        "passwordKeys",
        "adminPasswordKey",
        "passwordfile",
        "tokenExpirationSeconds",
        "SESSION_COOKIE_AGE",
        "CSRF_COOKIE_SECURE",
        "AUTH_PASSWORD_VALIDATORS",
        "PASSWORD_RESET_TIMEOUT",
        "usePasswordFiles",
        "credentialsId",
        "accessKeyId",
        "secretKeyRef",
        "kubeconfigPath",
        "dockerconfigjson-github-com",
        "secrets.md",
        "pinned",
        "Stra\u{df}e",
        "value",
        "data",
        "2",
        "",
    ] {
        assert_eq!(sensitivity(key), Sensitivity::Plain, "{key}");
    }
    assert!(is_reference("secretKeyRef") && is_reference("value_from"));
    assert!(!is_reference("password"));
}
