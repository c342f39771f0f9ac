use serde_json::{Value, json};

use crate::command::tests::{found, is_fine};

#[test]
fn a_worker_beside_the_worker_serves_the_sites_queues_too() {
    let beside = |list: &str, words: Value| json!({list: [{"name": "log", "command": ["tail", "-f"]}, {"name": "second", "command": words}]});
    let sidecar = |words| beside("sidecars", words);
    for list in ["sidecars", "initContainers"] {
        let celery = beside(list, json!(["celery", "worker", "-Q", "default"]));
        let (code, place, message) = found(celery, json!({}));
        let expected = format!("/celery/{list}/1/command/3");
        assert_eq!((&*code, &*place), ("worker/queue", &*expected));
        assert!(message.starts_with("the command of the container second serves"), "{message}");
    }
    let (code, _, message) = found(sidecar(json!(["celery", "worker", "-Q", "$(X)"])), json!({}));
    assert_eq!(code, "worker/command-unread");
    assert!(message.contains("the command of the container second"), "{message}");
    is_fine(sidecar(json!(["celery", "worker", "-Q", "iad3"])), json!({}));
    is_fine(sidecar(json!(["/fluent-bit"])), json!({}));
    is_fine(json!({"sidecars": "{{ .Values.x }}"}), json!({}));
    let own = json!({"sidecars": [{
        "name": "w", "command": ["celery", "worker", "-Q", "$(Q)"], "env": [{"name": "Q", "value": "iad3"}],
    }]});
    is_fine(own, json!({}));
}
