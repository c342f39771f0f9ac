use super::*;
use crate::yaml;

const BASE: &str = "\
type: object
additionalProperties: false
required: [routes]
properties:
  routes:
    type: array
    items:
      type: object
      additionalProperties: false
      properties:
        port: {type: integer}
        properties: {type: string}
";

fn read(name: &str, text: &str) -> Node {
    yaml::read(&yaml::decode(name, text.as_bytes()).unwrap()).unwrap().root
}

fn extended(extension: &str) -> Result<Node, Box<Finding>> {
    let mut schema = read("base.yaml", BASE);
    extend(&mut schema, &read("more.yaml", extension))?;
    Ok(schema)
}

/// Returns an extension of the schema of one route.
fn of_route(rules: &str) -> String {
    format!("{{properties: {{routes: {{items: {rules}}}}}}}")
}

#[test]
fn a_property_is_added_and_the_others_stay() {
    let more = of_route("{properties: {gatewayPort: {type: integer, minimum: 1}}}");
    let whole = extended(&more).unwrap();
    let route = "/properties/routes/items/properties";
    let keys: Vec<&str> = whole.pointer(route).unwrap().keys().collect();
    assert_eq!(keys, ["port", "properties", "gatewayPort"]);
    let closed = whole.pointer("/properties/routes/items/additionalProperties").unwrap();
    assert!(matches!(closed.value, Value::Bool(false)));
}

#[test]
fn what_is_there_may_be_said_again_and_a_title_is_the_files_own() {
    let same = of_route("{properties: {port: {type: integer}}}");
    assert!(extended(&same).is_ok());
    assert!(extended("{title: More, $schema: x, description: y}").is_ok());
}

#[test]
fn an_extension_that_changes_anything_is_refused_with_both_places() {
    for (rules, wanted) in [
        (
            "{properties: {port: {type: string}}}",
            "would change `/properties/routes/items/properties/port/type` of base.yaml:11:16",
        ),
        (
            "{properties: {port: null}}",
            "would remove `/properties/routes/items/properties/port` of base.yaml:11:9",
        ),
        (
            "{additionalProperties: true}",
            "would change `/properties/routes/items/additionalProperties` of base.yaml:9:7",
        ),
        (
            "{properties: {port: {minimum: 1}}}",
            "would add the keyword `/properties/routes/items/properties/port/minimum`",
        ),
        ("{required: [port]}", "would add the keyword `/properties/routes/items/required`"),
        (
            "{properties: {properties: {minLength: 1}}}",
            "would add the keyword `/properties/routes/items/properties/properties/minLength`",
        ),
    ] {
        let finding = extended(&of_route(rules)).unwrap_err();
        assert_eq!(finding.code, "schema/extension");
        assert!(finding.message.contains(wanted), "{} has not {wanted}", finding.message);
        assert_eq!(finding.place.unwrap().file.name, "more.yaml");
    }
    assert!(extended("{required: []}").is_err());
    assert!(extended("[]").is_err());
}
