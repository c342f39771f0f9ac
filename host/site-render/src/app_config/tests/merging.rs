use super::{code, layer, layers, merge_layers, merged, refused, told};
use crate::app_config::ConfigLayer;
use crate::digest::sha256;

const BASE: &str = "\"\"\"Base.\"\"\"\nfrom __future__ import annotations\n\nimport os\nfrom web.settings import *  # noqa\n\nA = 1\nB = [A]\n";
const ENVIRONMENT: &str = "from __future__ import division, annotations\nimport os\nfrom web.settings import *\n\nA = 2\n";
const SITE: &str =
    "import json\r\nfrom web.settings import *\r\nB += [3]\r\nC = json.loads('{}')\r\n\r\n";

#[test]
fn futures_come_first_and_a_shared_star_stands_once() {
    let merged = merged(&[BASE, ENVIRONMENT, SITE]);
    assert_eq!(
        code(&merged),
        "from __future__ import annotations, division\n\
         \"\"\"Base.\"\"\"\nimport os\nfrom web.settings import *  # noqa\nA = 1\nB = [A]\n\
         import os\n# in a layer above: from web.settings import *\nA = 2\n\
         import json\n# in a layer above: from web.settings import *\nB += [3]\nC = json.loads('{}')\n"
    );
    assert!(merged.text.starts_with("from __future__ import annotations, division\n\n# layer 1: "));
    assert!(merged.text.ends_with("'{}')\n"), "one line feed at the end");
}

#[test]
fn each_layer_is_headed_by_its_origin_and_digest() {
    let text = merged(&["A = 1\n", "B = 2\n"]).text;
    let [first, second] = ["A = 1\n", "B = 2\n"].map(|text| sha256(text.as_bytes()));
    assert_eq!(
        text,
        format!(
            "# layer 1: $deploy/base.py (sha256 {first})\nA = 1\n\n# layer 2: $deploy/environment.py (sha256 {second})\nB = 2\n"
        )
    );
}

#[test]
fn merged_with_nothing_it_is_itself() {
    for texts in [
        &[BASE, ENVIRONMENT, SITE][..],
        &[SITE],
        &[BASE],
        &["A = 1; from __future__x import y\n"[..].trim_end()],
    ] {
        let text = merged(texts).text;
        let again = merged(&[&text]).text;
        assert_eq!(text, again);
    }
}

#[test]
fn a_name_bound_anew_is_told_with_both_places() {
    let merged = merged(&[BASE, ENVIRONMENT, SITE]);
    assert_eq!(
        told(&merged.findings),
        ["note config/rebound environment.py:5:1", "note config/rebound site.py:3:1"]
    );
    assert_eq!(merged.findings[0].message, "`A` of base.py:7:1 is bound again");
}

#[test]
fn every_way_to_bind_a_name_counts() {
    for site in [
        "A = 1",
        "A: int = 1",
        "A += 1",
        "(A, B) = 1, 2",
        "[*A] = []",
        "def A(): pass",
        "class A: pass",
        "import A",
        "import x as A",
        "from x import A",
        "for A in []: pass",
        "with x() as A: pass",
        "try:\n    pass\nexcept E as A: pass",
        "print(A := 1)",
        "[y for x in [] if (A := x)]",
        "match 1:\n    case A: pass",
        "match 1:\n    case [*A]: pass",
        "match 1:\n    case {**A}: pass",
        "def f():\n    global A\n    A = 1",
        "del A",
        "if x: A = 1",
    ] {
        let merged = merged(&["A = 0\n", site]);
        assert_eq!(merged.findings.len(), 1, "{site}");
        assert!(merged.findings[0].message.contains("`A` of base.py:1:1"), "{site}");
    }
    for site in [
        "A: int",
        "def f():\n    A = 1",
        "class C:\n    A = 1",
        "[A for A in []]",
        "f = lambda A: A",
        "B = A",
        "A.x = 1",
        "A[0] = 1",
    ] {
        assert!(merged(&["A = 0\n", site]).findings.is_empty(), "{site}");
    }
    assert!(merged(&["import os, a.b\n", "import os, a.c\n"]).findings.is_empty());
    assert_eq!(merged(&["import json\n", "import other as json\n"]).findings.len(), 1);
}

#[test]
fn a_condition_is_told() {
    let merged = merged(&["A = 0\n", "if B:\n    A = 1\n"]);
    assert_eq!(merged.findings[0].message, "`A` of base.py:1:1 is bound again, under a condition");
}

#[test]
fn deleting_is_followed() {
    assert_eq!(
        told(&merged(&["A = 0\n", "del A\n"]).findings),
        ["note config/rebound environment.py:1:5"]
    );
    assert_eq!(
        told(&refused(&["B = 0\n", "del A\n"])),
        ["error config/del-unbound environment.py:1:5"]
    );
    assert_eq!(
        told(&refused(&["A = 0\n", "del A\n", "del A\n"])),
        ["error config/del-unbound site.py:1:5"]
    );
    assert_eq!(
        told(&refused(&["A = 0\n", "del A\n", "B = A\n"])),
        ["error config/reads-deleted site.py:1:5"]
    );
    merged(&["A = 0\n", "del A\n", "A = 1\nB = A\n"]);
    merged(&["A = 0\n", "del A\n", "def f():\n    return A\n"]);
    merged(&["from x import *\n", "del A\n"]);
}

#[test]
fn what_would_need_a_guess_is_refused_or_told() {
    let star = "from x import *\n";
    let conditional = "try:\n    from x import *\nexcept ImportError:\n    pass\n";
    assert_eq!(
        told(&refused(&[conditional, star])),
        ["error config/star-conditional environment.py:1:1"]
    );
    assert_eq!(
        told(&refused(&[star, conditional])),
        ["error config/star-conditional environment.py:2:5"]
    );
    assert_eq!(
        told(&refused(&[star, "A = 1\nfrom x import *\n"])),
        ["error config/star-late environment.py:2:1"]
    );
    assert_eq!(
        told(&merged(&["A = 1\n", star]).findings),
        ["warning config/star environment.py:1:1"]
    );
    assert_eq!(
        told(&merged(&["A = 1\n", "globals()['A'] = 2\n"]).findings),
        ["warning config/dynamic environment.py:1:1"]
    );
    for import in ["import base\n", "from base import *\n", "from base import A\n"] {
        let codes = told(&refused(&["A = 1\n", import]));
        assert!(
            codes.iter().any(|code| code.starts_with("error config/imports-layer")),
            "{codes:?}"
        );
    }
}

#[test]
fn a_statement_that_shares_its_line_leaves_a_pass() {
    let merged = merged(&["from x import *\n", "import os; from x import *; A = 1\n"]);
    assert!(merged.text.contains("\nimport os; pass; A = 1\n"), "{}", merged.text);
    let split = self::merged(&["from x import *\n", "from x \\\n  import *\nA = 1\n"]);
    assert!(split.text.contains(")\npass\nA = 1\n"), "{}", split.text);
}

#[test]
fn many_names_are_told_in_short() {
    let text: String = (0..200).map(|number| format!("N{number} = 1\n")).collect();
    let merged = merged(&[&text, &text]);
    assert_eq!(merged.findings.len(), 51);
    assert_eq!(merged.findings[50].message, "150 more names are bound again");
}

#[test]
fn a_merge_that_no_config_map_holds_is_refused() {
    let half = format!("A = '{}'\n", "x ".repeat(250 << 10));
    let codes = told(&refused(&[&half, &half]));
    assert_eq!(codes, ["error config/size "]);
}

#[test]
fn a_reference_cannot_end_its_comment() {
    let ConfigLayer { module, .. } = layer(0, "A = 1\n");
    let hostile = ConfigLayer { reference: "$deploy/a\nimport evil".to_owned(), module };
    let text = merge_layers(&[vec![hostile], layers(&["B = 1\n"])].concat()).unwrap().text;
    assert!(!text.lines().any(|line| line.starts_with("import evil")), "{text}");
}
