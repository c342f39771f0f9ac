//! The catalogue: every finding of this policy, once.

policy_sdk::catalog! {
    MORE: Warning, "queue/more",
        "The fleet has more findings about queues than one evaluation reports.",
        "Fix the findings that are shown; the next render shows the others.";
    NAME: Error, "queue/name",
        "A site's worker serves a queue whose name Nautobot or Celery does not accept, so no job reaches it.",
        "Give the queue another name: letters, digits, `-`, `_` and `.`, without `..`.";
    NOT_CREATED: Error, "queue/not-created",
        "A site's worker serves an extra queue that is missing from the settings `queues` and `elsewhere` of job-queues, so nothing creates it in Nautobot, and Nautobot sends no job to it.",
        "Add the queue to the setting `queues` of job-queues, or to `elsewhere` if Nautobot already has it.";
    NOT_SERVED: Note, "queue/not-served",
        "The settings list a queue that no open site serves, and jobs for it run only if a worker on the global cluster serves it.",
        "Add the queue to `extraQueues` of a site, or remove it from the setting `queues`.";
    OTHER_SITE: Error, "queue/other-site",
        "A site's worker serves the queue of another site through `extraQueues`, so jobs for that site may run at the wrong place.",
        "Remove the queue from `extraQueues`, and use a queue with its own name for jobs that several sites share.";
}
