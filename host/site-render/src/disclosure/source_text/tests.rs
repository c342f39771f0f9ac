use super::hidden_ranges;

/// Returns a text with `#` in place of what is hidden.
fn shown(text: &str) -> String {
    let mut shown = text.to_owned();
    for range in hidden_ranges(text).into_iter().rev() {
        shown.replace_range(range, "#");
    }
    shown
}

/// Asserts that a text with HIDE in places does not show them, and shows KEEP.
fn check(text: &str) {
    let shown = shown(text);
    assert!(!shown.contains("HIDE"), "{text}\nis shown as\n{shown}");
    assert_eq!(shown.matches("KEEP").count(), text.matches("KEEP").count(), "{text}\n{shown}");
}

#[test]
fn a_value_beside_its_key_is_hidden() {
    for text in [
        "password: HIDE\nuser: KEEP\n",
        "password: HIDE, HIDE # HIDE\n",
        "a: {password: HIDE, user: KEEP}\n",
        "a: {password: \"HIDE, HIDE\", user: KEEP}\n",
        "a: {user: KEEP, password: [HIDE, HIDE], b: KEEP}\n",
        "{\"password\": \"HIDE\", \"user\": \"KEEP\"}",
        "{\"password\":\"HIDE\",\"user\":\"KEEP\"}",
        "password: !!int HIDE\n",
        "password: 'HIDE' KEY\nuser: KEEP\n",
        "- user: KEEP\n  password: HIDE\n  unknown: KEEP\n",
        "conn.password: HIDE\ntoken: HIDE\nPGPASS: HIDE\n",
        "password: it's HIDE\nuser: KEEP's\n",
        "password:HIDE\n",
        "x: \"a\nb: {password: HIDE, c: [KEEP\n",
        "Authorization: Bearer HIDE\nuser: KEEP\n",
        "url: https://HIDE:HIDE@KEEP/x\n",
        "run: pass\\word=HIDE\n",
        "a: {name: PASSWORD, value: HIDE}\nuser: KEEP\n",
        "a: {name: PASSWORD,\n  value: HIDE, b: KEEP}\n",
        "a: [DB_PASSWORD, HIDE]\nb: [[PASSWORD, HIDE], [USER, KEEP]]\n",
        "a: {DB_PASSWORD, HIDE}\nuser: KEEP\n",
    ] {
        check(text);
    }
}

#[test]
fn the_lines_below_a_key_are_hidden() {
    for text in [
        "password: |\n  HIDE\n\n  a: HIDE\nuser: KEEP\n",
        "password: >-\n  HIDE\nuser: KEEP\n",
        "x:\n  password:\n    HIDE\n  user: KEEP\n",
        "password:\n- HIDE\n- HIDE\nuser: KEEP\n",
        "password:\n  - HIDE\n  - a: HIDE\nuser: KEEP\n",
        "- password:\n  - HIDE\n- user: KEEP\n",
        "password:\n  KEEP:\n    b: HIDE\nuser: KEEP\n",
        "password: \"HIDE\n  HIDE\"\nuser: KEEP\n",
        "password: HIDE\n  HIDE\nuser: KEEP\n",
        "a: {password: [HIDE,\nHIDE],\nuser: x}\nuser: KEEP\n",
        "\"password\":\n\"HIDE\",\n\"user\": \"KEEP\"\n",
        "? password\n: HIDE\nuser: KEEP\n",
        "password: &a\n  HIDE\nuser: KEEP\n",
        "key: |\n  -----BEGIN PRIVATE KEY-----\n  HIDE\n  -----END PRIVATE KEY-----\nuser: KEEP\n",
        "kind: Secret\ndata:\n  a: HIDE\nstringData: {b: HIDE}\nuser: KEEP\n",
        "data:\n  a: KEEP\n---\ndata:\n  a: HIDE\nkind: Secret\n---\ndata:\n  a: KEEP\n",
        "secret:\n  - HIDE\nuser: KEEP\n",
    ] {
        check(text);
    }
}

#[test]
fn the_value_of_a_variable_is_hidden() {
    for text in [
        "env:\n- name: DB_PASSWORD\n  value: HIDE\n- name: USER\n  value: KEEP\n",
        "env:\n- value: HIDE\n  name: DB_PASSWORD\n- value: KEEP\n  name: USER\n",
        "env: [{name: DB_PASSWORD, value: HIDE}]\nvalue: KEEP\n",
        "env: [{value: HIDE, name: DB_PASSWORD}]\nvalue: KEEP\n",
        "- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: KEEP, key: KEEP}}\n",
    ] {
        check(text);
    }
}

#[test]
fn code_is_read_too() {
    for text in [
        "PASSWORD = 'HIDE'\nUSER = 'KEEP'\n",
        "PASSWORD = f\"HIDE{x}\" + 'HIDE'\nUSER = 'KEEP'\n",
        "PASSWORD = \"\".join([\"HIDE\",\n'HIDE',\n])\nUSER = 'KEEP'\n",
        "PASSWORD = (\n    'HIDE'\n    'HIDE'\n)\nUSER = 'KEEP'\n",
        "PASSWORD = \"\"\"HIDE\nHIDE\"\"\"\nUSER = 'KEEP'\n",
        "PASSWORD = \\\n  'HIDE'\nUSER = 'KEEP'\n",
        "x = getenv('DB_PASSWORD', 'HIDE')\nUSER = 'KEEP'\n",
        "connect(user='KEEP', password='HIDE', port='KEEP')\n",
        "setattr(x, 'PASSWORD', 'HIDE')\nUSER = 'KEEP'\n",
        "PASSWORD: str = 'HIDE'\nPASSWORD += 'HIDE'\nif (PASSWORD := 'HIDE'): pass\n",
        "D['x']['PASSWORD'] = 'HIDE'\nUSER = 'KEEP'\n",
        "{ password:: 'HIDE', user: 'KEEP' }\n",
        "{\n  password: |||\n    HIDE\n  |||,\n  user: 'KEEP',\n}\n",
        "local token = 'HIDE'; 1\n",
    ] {
        check(text);
    }
}

#[test]
fn references_and_names_are_shown() {
    for text in [
        "existingSecret: KEEP\npasswordKey: KEEP\nsecretName: KEEP\n",
        "password: $(KEEP)\nuser: KEEP\n",
        "password: \"{{ KEEP }}\"\npassword: ${KEEP}\n",
        "password:\n  valueFrom:\n    secretKeyRef:\n      name: KEEP\n      key: KEEP\nuser: KEEP\n",
        "password: {secretKeyRef: {name: KEEP}}\n",
        "volumes:\n- secret:\n    secretName: KEEP\n    items: [KEEP]\n- KEEP\n",
        "PASSWORD = os.environ['DB_PASSWORD_KEEP']\nuser = 'KEEP'\n",
        "password:\nuser: KEEP\n",
        "password: ''\nuser: KEEP\n",
        "{password: null, user: KEEP}\n",
        "required: [password, KEEP]\n",
        "# the password of KEEP\n",
    ] {
        check(text);
    }
}

#[test]
fn reading_is_linear_and_never_fails() {
    for part in [
        "password: ",
        "{\"",
        "'",
        "- ",
        "\\",
        "name: token\n",
        "[(",
        "://a:b@",
        "=é,",
        "PRIVATE KEY-----",
        "Bearer ",
        "discord.com/api/webhooks/",
        "::",
        "$(",
        "_:",
        "ghp_012345678901234567890123456789012345/a:",
    ] {
        let text = part.repeat(20_000);
        for range in hidden_ranges(&text) {
            assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
        }
    }
}
