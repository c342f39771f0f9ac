use std::collections::BTreeMap;

use super::*;
use crate::emit;
use crate::fleet::Fleet;
use crate::request::{Request, Subject, Target};
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, with_files};
use crate::world::World;
use serde_json::json;

/// The files of a fleet of two sites that share everything that sites may share.
const FILES: [(&str, &str); 9] = [
    ("sites/two/profile.yaml", PROFILE),
    ("sites/three/profile.yaml", "environment: lab\n"),
    ("environments/lab/environment.yaml", "defaults: {}\ncomponents: {}\n"),
    ("environments/dev/config.py", "A = 1\n"),
    ("sites/one/config.py", "B = 2\n"),
    ("environments/dev/values.yaml", "web: {replicas: 3}\n"),
    ("environments/dev/objects/one.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"),
    ("sites/one/web/values.yaml", "web: {port: 80}\n"),
    ("README.md", "Nothing reads it.\n"),
];

/// More of the component: layers of values and of a configuration, objects, a policy.
const MORE: &str = "    valueFiles:
      - $deploy/environments/dev/values.yaml
      - $deploy/{{deploy_path}}/web/values.yaml
    config:
      parameter: config
      key: config
      default: $deploy/environments/dev/config.py
      layers: [\"$deploy/{{deploy_path}}/config.py\"]
    resources: [environments/dev/objects]
    policies: {copy: {a: 1}}
sources: {deploy: {url: https://git.example.net/fleet.git, path: .}}
";

/// A tree with one file replaced, added or removed.
struct Changed(Arc<dyn Tree>, BTreeMap<String, Option<String>>);

impl Tree for Changed {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        match self.1.get(path) {
            Some(Some(text)) => Ok(Arc::from(text.as_bytes())),
            Some(None) => Err(TreeError::Missing),
            None => self.0.read(path, limit),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.list(folder)
    }
}

fn recording(fleet: &Fleet, tree: Arc<dyn Tree>) -> Fleet {
    let tree = Arc::new(DependencyTree::new(tree, KnownFiles::default()));
    Fleet::open(World { tree, ..fleet.files.world.clone() }).unwrap()
}

/// Renders a site. An error is its text.
fn answer(fleet: &Fleet, site: &str) -> String {
    let subject = Subject::Site { name: site.to_owned(), environment: None };
    match crate::render(fleet, &Request::new(subject, Target::Application)) {
        Ok(rendered) => format!("{:?} {:?}", emit::json_lines(&rendered), rendered.findings),
        Err(problems) => format!("{problems:?}"),
    }
}

fn recorded_answer(fleet: &Fleet, site: &str) -> (String, FlatDependencies) {
    let (answer, files) = fleet.recorded(|| answer(fleet, site));
    (answer, files.flatten(100).unwrap())
}

#[test]
fn an_answer_holds_as_long_as_every_file_that_it_depends_on_is_the_same() {
    let copy = [("copy", json!({"type": "object"}))];
    let base = fleet(&format!("{ENVIRONMENT}{MORE}"), PROFILE, &copy);
    let base = with_files(&base, &FILES);
    let tree = base.files.world.tree.clone();
    let shared = recording(&base, tree.clone());
    // The caches are filled by another site, so that this one reads nothing that they share.
    let (other, _) = recorded_answer(&shared, "two");
    let (first, files) = recorded_answer(&shared, "one");
    assert!(first.contains("Application"), "{first}");
    assert_ne!(first, other);
    let mut used = Vec::new();
    let paths = files.0.iter().map(|lookup| lookup.path.as_str());
    let paths = paths.chain(FILES.map(|(path, _)| path)).collect::<BTreeSet<&str>>();
    for path in paths {
        for text in [Some("z: 9\n".to_owned()), None] {
            let changed = BTreeMap::from([(path.to_owned(), text)]);
            let changed: Arc<dyn Tree> = Arc::new(Changed(tree.clone(), changed));
            if !files.are_same_in(&*changed, &KnownFiles::default()) {
                used.push(path);
                continue;
            }
            assert_eq!(answer(&recording(&base, changed), "one"), first, "{path}");
        }
    }
    used.dedup();
    for unused in ["README.md", "sites/two/profile.yaml", "sites/three/profile.yaml"] {
        assert!(!used.contains(&unused), "{used:?}");
    }
    for read in ["policies.lock", "policies/copy.wasm", "environments/dev/config.py"] {
        assert!(used.contains(&read), "{used:?}");
    }
}

#[test]
fn a_file_that_appears_or_a_folder_with_another_entry_counts() {
    let base = with_files(&fleet(ENVIRONMENT, PROFILE, &[]), &FILES);
    let known = KnownFiles::default();
    let run = |tree: &dyn Tree| (tree.list("environments").is_ok(), tree.read("x", 9).is_ok());
    let tree = DependencyTree::new(base.files.world.tree.clone(), known.clone());
    let (_, files) = recorded(|| run(&tree));
    let files = files.flatten(9).unwrap();
    assert!(files.are_same_in(&*base.files.world.tree, &known));
    for path in ["x", "environments/new/environment.yaml"] {
        let changed = with_files(&base, &[&FILES[..], &[(path, "")]].concat());
        assert!(!files.are_same_in(&*changed.files.world.tree, &known), "{path}");
    }
    assert!(files.0.len() == 2 && files.bytes() > 0);
}

#[test]
fn dependencies_over_the_limit_or_of_a_failing_system_are_not_used() {
    struct Failing;
    impl Tree for Failing {
        fn read(&self, path: &str, _: u64) -> Result<Arc<[u8]>, TreeError> {
            match path {
                "bad" => Err(TreeError::Unreadable("busy".to_owned())),
                _ => Err(TreeError::Missing),
            }
        }
        fn list(&self, _: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
            Err(TreeError::Missing)
        }
    }
    let tree = DependencyTree::new(Arc::new(Failing), KnownFiles::default());
    let of = |paths: &[&str]| recorded(|| paths.iter().for_each(|path| drop(tree.read(path, 1)))).1;
    assert!(of(&["a", "a", "b"]).flatten(2).is_some());
    assert!(of(&["a", "b", "c"]).flatten(2).is_none());
    assert!(of(&["bad"]).flatten(2).is_none());
    // A cached thing adds its own, and what panics leaves nothing behind.
    let cached = of(&["a"]);
    let panics = || recorded(|| panic!("inside"));
    std::panic::catch_unwind(panics).map(|((), _)| ()).unwrap_err();
    let (_, files) = recorded(|| (add(&cached), add(&cached)));
    assert_eq!(files.flatten(9).unwrap().0.len(), 1);
    assert!(RUNNING.with_borrow(Vec::is_empty));
}
