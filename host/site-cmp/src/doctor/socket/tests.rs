use std::os::unix::net::UnixListener;

use super::super::Verdict;
use super::*;

fn verdicts(path: &Path, user: User) -> Vec<(&'static str, Verdict)> {
    check_listener(path, user).into_iter().map(|check| (check.topic, check.verdict)).collect()
}

#[test]
fn a_socket_is_there_listens_and_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a@v1.sock");
    let all_well =
        ["socket/listens", "socket/mode", "socket/alone"].map(|topic| (topic, Verdict::Ok));
    assert_eq!(verdicts(&path, User(0)), [("socket/listens", Verdict::Fail)]);

    let first = UnixListener::bind(&path).unwrap();
    assert_eq!(verdicts(&path, User(0)), all_well);

    // A second server that takes the name over, as Argo CD's own plugin server does.
    fs::remove_file(&path).unwrap();
    let second = UnixListener::bind(&path).unwrap();
    assert_eq!(verdicts(&path, User(0))[2], ("socket/alone", Verdict::Fail));
    drop(first);
    assert_eq!(verdicts(&path, User(0)), all_well);

    // The file stays where a server dies.
    drop(second);
    let stale = check_listener(&path, User(0));
    assert!(stale[0].says.contains("stale"), "{stale:?}");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(check_listener(&path, User(0))[0].says.contains("is not a socket"));
}

#[test]
fn another_user_is_let_in_by_the_mode_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a@v1.sock");
    let _server = UnixListener::bind(&path).unwrap();
    let stranger = User(4_000_000_000);
    for (mode, verdict) in [(0o755, Verdict::Fail), (0o777, Verdict::Ok)] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(verdicts(&path, stranger)[1], ("socket/mode", verdict), "{mode:o}");
    }
}

#[test]
fn the_kernels_table_is_read_by_flag_and_path() {
    let table = "\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 11 /p/a@v1.sock
0000000000000000: 00000002 00000000 00010000 0001 01 12 /p/a@v1.sock
0000000000000000: 00000003 00000000 00000000 0001 03 13 /p/a@v1.sock
0000000000000000: 00000002 00000000 00010000 0001 01 14 /q/p/a@v1.sock
0000000000000000: 00000003 00000000 00000000 0001 03 15
";
    assert_eq!(count_listeners(table, "/p/a@v1.sock"), 2);
    assert_eq!(count_listeners(table, "/q/p/a@v1.sock"), 1);
    assert_eq!(count_listeners(table, "/none"), 0);
}

#[test]
fn a_machine_without_plugins_is_left_alone_only_where_that_was_said() {
    let last = |may_be_elsewhere| {
        let socket =
            Socket::new(Some("/no/such/folder".into()), "a@v1").map_err(CommandError::from);
        let place = SocketLocation { socket, user: User(999), may_be_elsewhere };
        check_socket(&place).pop().unwrap().verdict
    };
    assert_eq!(last(true), Verdict::Warn);
    assert_eq!(last(false), Verdict::Fail);
}

#[test]
fn a_name_that_the_server_refuses_is_told_and_nothing_after_it() {
    let socket = Socket::new(None, "site-cmp-v1").map_err(CommandError::from);
    let place = SocketLocation { socket, user: User(999), may_be_elsewhere: true };
    let checks = check_socket(&place);
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0].verdict, Verdict::Fail);
    assert!(checks[0].says.contains("has no `@`"), "{checks:?}");
}
