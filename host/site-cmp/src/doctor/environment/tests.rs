use super::super::Verdict;
use super::*;

fn verdict(text: &str, topic: &str) -> Option<Verdict> {
    let checks = Environment::of_repo_server(text).checks();
    checks.into_iter().find(|check| check.topic == topic).map(|check| check.verdict)
}

#[test]
fn an_environment_without_anything_could_be_better_and_works() {
    let checks = Environment::default().checks();
    let topics: Vec<_> = checks.iter().map(|check| (check.topic, check.verdict)).collect();
    assert_eq!(
        topics,
        [
            ("env/source", Verdict::Warn),
            ("env/chunk-size", Verdict::Warn),
            ("env/message-size", Verdict::Ok),
            ("env/exclusions", Verdict::Warn),
            ("env/generate-paths", Verdict::Warn),
        ]
    );
    assert_eq!(verdict("", "env/source"), Some(Verdict::Ok), "that one was given");
}

#[test]
fn a_chunk_is_neither_small_nor_larger_than_a_message() {
    for (value, expected) in [
        ("65536", Verdict::Ok),
        ("1048576", Verdict::Ok),
        ("1024", Verdict::Warn),
        ("many", Verdict::Warn),
        ("0", Verdict::Fail),
        ("-1", Verdict::Fail),
        ("104857600", Verdict::Fail),
    ] {
        let text = format!("ARGOCD_CMP_CHUNK_SIZE={value}");
        assert_eq!(verdict(&text, "env/chunk-size"), Some(expected), "{value}");
    }
    let text = "ARGOCD_GRPC_MAX_SIZE_MB=1\nARGOCD_CMP_CHUNK_SIZE=1048576";
    assert_eq!(verdict(text, "env/chunk-size"), Some(Verdict::Fail));
}

#[test]
fn a_message_size_that_argo_cd_passes_over_is_told() {
    for (value, expected) in
        [("200", Verdict::Ok), ("0", Verdict::Fail), ("-5", Verdict::Warn), ("100M", Verdict::Warn)]
    {
        let text = format!("ARGOCD_GRPC_MAX_SIZE_MB={value}");
        assert_eq!(verdict(&text, "env/message-size"), Some(expected), "{value}");
    }
}

#[test]
fn exclusions_and_the_flag_are_read_as_argo_cd_reads_them() {
    let name = "ARGOCD_REPO_SERVER_PLUGIN_TAR_EXCLUSIONS";
    for (value, expected) in [
        (".git", Verdict::Ok),
        ("docs;.git/*", Verdict::Ok),
        ("docs", Verdict::Warn),
        ("[", Verdict::Fail),
    ] {
        assert_eq!(verdict(&format!("{name}={value}"), "env/exclusions"), Some(expected));
    }
    let name = "ARGOCD_REPO_SERVER_PLUGIN_USE_MANIFEST_GENERATE_PATHS";
    for (value, expected) in [("true", Verdict::Ok), ("1", Verdict::Ok), ("yes", Verdict::Warn)] {
        assert_eq!(verdict(&format!("{name}={value}"), "env/generate-paths"), Some(expected));
    }
}

#[test]
fn a_proxy_that_takes_plugins_calls_away_is_found_and_its_password_kept() {
    let checks = Environment::of_repo_server("all_proxy=socks5h://u:geheim@p:1080\0A=b").checks();
    let check = checks.iter().find(|check| check.topic == "env/proxy").unwrap();
    assert_eq!(check.verdict, Verdict::Fail);
    assert!(!check.says.contains("geheim"), "{}", check.says);
    assert_eq!(verdict("ALL_PROXY=http://p:3128", "env/proxy"), Some(Verdict::Ok));
    assert_eq!(verdict("HTTPS_PROXY=http://p:3128", "env/proxy"), None);
}

#[test]
fn a_timeout_that_does_nothing_is_told() {
    assert_eq!(verdict("ARGOCD_EXEC_TIMEOUT=5m", "env/timeout"), Some(Verdict::Warn));
    assert_eq!(verdict("", "env/timeout"), None);
}
