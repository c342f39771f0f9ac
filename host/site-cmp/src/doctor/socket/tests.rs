use std::os::unix::net::UnixListener;

use super::super::Verdict;
use super::*;

#[test]
fn a_name_must_pass_through_an_authority() {
    for good in ["site-cmp@v1", "a b@v1.2-rc_1", "me@home@v1"] {
        assert_eq!(name(good).verdict, Verdict::Ok, "{good}");
    }
    for bad in ["site-cmp-v1", "", "@v1", "a@", "a@v 1", "a@v%31", "a/b@v1", "../x@v1", "a@é"] {
        assert_eq!(name(bad).verdict, Verdict::Fail, "{bad}");
    }
}

#[test]
fn a_path_ends_at_what_the_kernel_holds() {
    let folder = format!("/{}", "x".repeat(100));
    assert_eq!(length(Path::new(&format!("{folder}/a@v12"))).verdict, Verdict::Ok);
    assert_eq!(length(Path::new(&format!("{folder}/a@v123"))).verdict, Verdict::Fail);
}

fn verdicts(path: &Path, user: User) -> Vec<(&'static str, Verdict)> {
    listener(path, user).into_iter().map(|check| (check.topic, check.verdict)).collect()
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
    let stale = listener(&path, User(0));
    assert!(stale[0].says.contains("stale"), "{stale:?}");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(listener(&path, User(0))[0].says.contains("is no socket"));
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
    assert_eq!(listeners(table, "/p/a@v1.sock"), 2);
    assert_eq!(listeners(table, "/q/p/a@v1.sock"), 1);
    assert_eq!(listeners(table, "/none"), 0);
}

#[test]
fn a_machine_without_plugins_is_left_alone_only_where_that_was_said() {
    let place = |may_be_elsewhere, folder: Option<&str>| Place {
        folder: folder.map(PathBuf::from),
        name: NAME.to_owned(),
        user: User(999),
        may_be_elsewhere,
    };
    let last = |place: &Place| checks(place).pop().unwrap().verdict;
    assert_eq!(last(&place(true, Some("/no/such/folder"))), Verdict::Fail);
    if !Path::new(FOLDER).exists() {
        assert_eq!(last(&place(true, None)), Verdict::Warn);
        assert_eq!(last(&place(false, None)), Verdict::Fail);
    }
}
