//! The catalogue: every finding of this policy, once.

policy_sdk::catalog! {
    BEAT: Error, "worker/beat",
        "A command, sidecar or init container of the base values starts Celery's scheduler, and the global cluster already runs one, so every scheduled job would run twice.",
        "Remove `beat`, `--beat` or `-B` from the command.";
    BROKER_URL: Warning, "worker/broker-url",
        "A variable of the base values replaces the whole URL of the Celery broker, so its port, user and TLS options are not compared with the settings.",
        "Remove the variable from the base values and set `connections.redis`.";
    CERTIFICATE_FILE: Warning, "worker/certificate-file",
        "A variable names a certificate file that the pod does not have: nothing is mounted there, or the `items` of the certificate's volume give the file another name.",
        "Correct the path, remove the variable so that the policy sets it, or give the items the paths `tls.crt`, `tls.key` and `ca.crt`.";
    COMMAND: Error, "worker/command",
        "The command of the base values does not start a Celery worker, or Kubernetes or Helm refuses it.",
        "Remove the command from the base values, or write one that starts `celery worker` as a list of strings.";
    COMMAND_UNREAD: Warning, "worker/command-unread",
        "The command is a script or a template that the policy cannot evaluate, so it cannot verify that the worker serves the site's queue.",
        "Make sure that the command serves `$(CELERY_TASK_QUEUES)`, or remove it so that the chart's command runs.";
    CONCURRENCY: Warning, "worker/concurrency",
        "An argument of the base values overrides the setting `concurrency`, or the command drops the `--concurrency` that the chart appends.",
        "Remove the argument from the base values, or remove the setting.";
    CONFIG_ELSEWHERE: Error, "worker/config-elsewhere",
        "The worker reads a configuration file other than the component's, so nothing checks that it uses the client certificate; without mutual TLS, or with `requireConfig: false`, this is a warning.",
        "Remove `NAUTOBOT_CONFIG` or the mount from the base values, and give the component a `config` in the environment.";
    CONFIG_MAP: Error, "worker/config-map",
        "The base values set `nautobot.configCM`, and the content of that ConfigMap cannot be checked; this is an error with mutual TLS, a warning where the chart ignores the key, and otherwise a note.",
        "Give the component a `config` in the environment and remove `nautobot.configCM`, or set `connections.mtls.requireConfig` to false.";
    CONFIG_UNCHECKED: Warning, "worker/config-unchecked",
        "The setting `connections.mtls.requireConfig: false` allows a config that ignores the variables of mutual TLS.",
        "Remove the setting once the config reads these variables.";
    DEFAULT_QUEUE: Warning, "worker/default-queue",
        "The setting `extraQueues` contains `default`, so the site's worker also takes jobs from the global default queue.",
        "Remove `default` from `extraQueues`, unless the site is meant to run global jobs.";
    DUPLICATE_VARIABLE: Error, "worker/duplicate-variable",
        "An environment variable is listed twice, or the chart's template already sets it, and server-side apply refuses two entries of one name.",
        "Keep one of the two entries.";
    ENGINE: Warning, "worker/engine",
        "The base values select a database engine other than PostgreSQL, while the settings connect the worker to PostgreSQL.",
        "Write `django.db.backends.postgresql`, or remove the engine from the base values.";
    EXTRA_OBJECTS: Warning, "worker/extra-objects",
        "The base values add Kubernetes objects through `extraObjects`, and the policy clears that list for a site.",
        "Put the objects that a site needs into a folder that the component's `resources` lists.";
    INVALID: Error, "worker/invalid",
        "An item of the base values does not pass the validation of the Kubernetes API, although Helm renders it.",
        "Correct or remove the item that the message names.";
    KEY_UNREADABLE: Warning, "worker/key-unreadable",
        "The file mode of the client key allows only its owner and group to read it. The worker does not run as root and its pod has no fsGroup, so it cannot read the key.",
        "Set `podSecurityContext.enabled` to true and `podSecurityContext.fsGroup` to the group of the worker.";
    LITERAL_SECRET: Error, "worker/literal-secret",
        "The base values contain a password, key or token in plain text.",
        "Store it in a Secret, and name that Secret in the `existingSecret` key of the chart.";
    MADE_UP_SECRET: Warning, "worker/made-up-secret",
        "Neither the settings nor the base values name a Secret, so the chart would generate one with a password or key that does not match the global cluster.",
        "Name the Secret in the base values, or set `connections` in the policy's settings.";
    MOUNT: Error, "worker/mount",
        "Two mounts of the pod have the same path, or the base values mount another volume where the client certificate belongs.",
        "Mount the volume at another path, or set `connections.mtls.mountPath`.";
    MOUNT_ORDER: Warning, "worker/mount-order",
        "A mount inside the path of the certificate or the config hides a part of it, or a read-only mount above that path can keep the container from starting.",
        "Mount the volume at a path that does not overlap.";
    NO_CONFIG: Warning, "worker/no-config",
        "Neither the component nor the base values provide a configuration file, so the worker runs with the one in its image, which presents no client certificate.",
        "Give the component a `config` in the environment.";
    NO_DATABASE_HOST: Warning, "worker/no-database-host",
        "Neither the settings nor the base values name the database host, so the worker cannot connect to PostgreSQL.",
        "Set `connections.database.host` in the policy's settings.";
    NO_PARTITION: Warning, "worker/no-partition",
        "The profile has no label `understack.rackspace.com/partition`, so the variable `UNDERSTACK_PARTITION` is empty.",
        "Add the label to `appLabels` in the site's profile.";
    NO_PODS: Warning, "worker/no-pods",
        "The base values set `replicaCount: 0`, so no pod serves the site's queue.",
        "Set `replicas` in the policy's settings, or disable the component in the site's profile if the site is not meant to run a worker.";
    NO_REDIS_HOST: Warning, "worker/no-redis-host",
        "Neither the settings nor the base values name the Redis host, so the worker cannot connect to Redis.",
        "Set `connections.redis.host` in the policy's settings.";
    NOT_KEPT: Note, "worker/not-kept",
        "The base values enable a disruption budget or autoscaling, which a site runs only if the settings allow it.",
        "Set `disruptionBudget` or `autoscaling` in the policy's settings to true to keep it, or remove it from the base values.";
    OBJECT_NAME: Error, "worker/object-name",
        "The chart would create an object with a name, or a label value, that Kubernetes refuses.",
        "Change `fullnameOverride`, `nameOverride`, `serviceAccount.name` or the release name, whichever the message points to.";
    OTHER_WORKER: Warning, "worker/other-worker",
        "The base values define a worker that is not the site's own, and the policy switches it off.",
        "Remove that worker, and add the queues that the site has to serve to the setting `extraQueues`.";
    POD_LABELS: Error, "worker/pod-labels",
        "The base values override a pod label by which the Deployment selects its pods, so Kubernetes refuses the Deployment.",
        "Remove the label, or use another key.";
    PORT: Warning, "worker/port",
        "The base values set a port, but the gateway's routes use only the setting, so the worker would connect to a port without a route.",
        "Set the port in the policy's settings, under `connections`.";
    QUEUE: Error, "worker/queue",
        "The base values make the worker serve queues other than the site's, or name no queue, so jobs for the site would wait or run elsewhere.",
        "Write `--queues $(CELERY_TASK_QUEUES)`, and add further queues to the setting `extraQueues`.";
    REDIS_TLS: Error, "worker/redis-tls",
        "The base values disable the verification of Redis' certificate, or use a value that the Redis client rejects.",
        "Write `required`, or remove the variable from the base values.";
    REDUNDANT_VARIABLE: Note, "worker/redundant-variable",
        "The base values repeat a variable that the chart's template sets to the same value, and the policy leaves the repeated entry out.",
        "Remove the variable from the base values.";
    REPLACED: Note, "worker/replaced",
        "A setting of the policy replaces a different value of the base values.",
        "Keep one of the two.";
    SSL_MODE: Error, "worker/ssl-mode",
        "The base values set `NAUTOBOT_DB_SSLMODE` to a mode that allows connections without TLS. For `verify-full` the finding is only a note: other policies compare the names in server certificates with the settings, and do not see this variable.",
        "Set `connections.mtls.sslMode` in the policy's settings, or write `verify-ca` into the base values.";
    SSL_NEGOTIATION: Error, "worker/ssl-negotiation",
        "The base values set `NAUTOBOT_DB_SSLNEGOTIATION` to a value that libpq does not know, or to `postgres`. With `postgres`, a gateway that routes by server name closes the connection.",
        "Remove the variable, or set `connections.mtls.sslNegotiation` in the policy's settings.";
    TYPE: Warning, "worker/type",
        "The base values give the site's worker a type other than `celery`. A worker of another type has no pods of its own, so the policy changes the type to `celery`.",
        "Remove the type from the base values.";
    UNKNOWN_SWITCH: Warning, "worker/unknown-switch",
        "The base values enable a part of the chart that this version of the policy does not know. The policy does not disable it, so it runs at the site too.",
        "Set the key to false in the site's values if the worker does not need it.";
    USER_IGNORED: Warning, "worker/user-ignored",
        "The setting `connections.database.user` has no effect on a chart 3.x, which reads the user from the database Secret.",
        "Put the user under the key `username` of that Secret, and remove the setting.";
    VARIABLE: Error, "worker/variable",
        "An environment variable of the base values takes precedence over a setting of the policy.",
        "Remove the variable from the base values.";
    VARIABLE_UNREAD: Warning, "worker/variable-unread",
        "The base values set a variable of mutual TLS through a reference or a template, so its value is known only in the cluster and cannot be checked.",
        "Write the value itself, or remove the variable so that the policy sets it.";
    VOLUME: Error, "worker/volume",
        "Two volumes of the pod have the same name, or the base values use the name of the certificate's volume for something else.",
        "Give the volume of the base values another name.";
    WEB_INSTANCE: Warning, "worker/web-instance",
        "The base values define a Nautobot web server under `nautobots`, and the policy switches it off, because web servers run on the global cluster only.",
        "Move the instance to the values of the global cluster.";
    WHOLE_LISTS: Note, "worker/whole-lists",
        "Helm replaces lists instead of merging them, so the policy writes the named lists in full, without items from values files that the plugin cannot read.",
        "Let the plugin read the values file, or move such items to a file that it reads.";
}

#[cfg(test)]
mod tests;
