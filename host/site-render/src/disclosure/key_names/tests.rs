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
    for key in ["secret", "django.secret", "oauthSecret"] {
        assert_eq!(named(key), Sensitivity::Ambiguous, "{key}");
    }
}

#[test]
fn a_name_about_a_secret_is_none() {
    for key in [
        "existingSecret",
        "existingSecretPasswordKey",
        "existingPassword",
        "passwordKey",
        "secretName",
        "passwordFile",
        "tokenUrl",
        "bypass",
        "compass",
        "secrets",
        "site-secrets",
        "imagePullSecrets",
        "tlsSecret",
        "extraEnvVarsSecret",
        "key",
        "name",
        "PASSWORD_HASHERS",
        "tokenizer",
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
