//! The codes of findings of this policy.

policy_sdk::catalog! {
    CONFIG_MAP_MADE_TWICE: Error, "config-map/made-twice",
        "Two objects create the same ConfigMap, or an object creates one that the setting `elsewhere` lists as created by something else. Each would overwrite the other's changes at every sync.",
        "Remove one of the two objects, or remove the name from the setting `elsewhere` of secret-references.";
    CONFIG_MAP_NO_KEY: Error, "config-map/no-key",
        "A pod reads a key of a ConfigMap that the object which creates the ConfigMap does not write.",
        "Add the key to the ConfigMap, or correct the key where it is read.";
    CONFIG_MAP_NOT_MADE: Error, "config-map/not-made",
        "A pod or an object reads a ConfigMap that no object creates, so pods wait for it and do not start.",
        "Use the same name where the ConfigMap is created and where it is read. If something else creates it, add its name to the setting `elsewhere` of secret-references.";
    CONFIG_MAP_NOT_READ: Error, "config-map/not-read",
        "An ExternalSecret creates a ConfigMap that nothing reads. The finding is only a warning if some values files could not be read, because they may refer to the ConfigMap.",
        "Disable the ExternalSecret, or read its ConfigMap under the name that it has.";
    SECRET_MADE_TWICE: Error, "secret/made-twice",
        "Two objects create the same Secret, or an object creates one that the setting `elsewhere` lists as created by something else. Each would overwrite the other's changes at every sync.",
        "Remove one of the two objects, or remove the name from the setting `elsewhere` of secret-references.";
    SECRET_NO_KEY: Error, "secret/no-key",
        "A pod reads a key of a Secret that the object which creates the Secret does not write.",
        "Add the key to the Secret, or correct the key where it is read.";
    SECRET_NOT_MADE: Error, "secret/not-made",
        "A pod or an object reads a Secret that no object creates, so pods wait for it and do not start.",
        "Use the same name where the Secret is created and where it is read. If something else creates it, add its name to the setting `elsewhere` of secret-references.";
    SECRET_NOT_READ: Error, "secret/not-read",
        "An ExternalSecret creates a Secret that nothing reads. The finding is only a warning if some values files could not be read, because they may refer to the Secret.",
        "Disable the ExternalSecret, or read its Secret under the name that it has.";
}
