//! What a client of Argo CD's got.

use serde_json::Value;
use site_cmp_tests::Output;

/// The JSON object that the peer's clients print.
#[derive(Clone, Debug)]
pub(crate) struct Answer(Value);

impl Answer {
    /// Reads it.
    pub(super) fn of(output: Output) -> Self {
        let output = output.success();
        Self(serde_json::from_str(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", output.stdout, output.stderr);
        }))
    }

    /// The manifests as they came; it must be a good answer.
    pub(crate) fn texts(&self) -> Vec<&str> {
        assert_eq!(self.code(), "OK", "{self:?}");
        let manifests = self.0["manifests"].as_array().unwrap_or_else(|| panic!("{self:?}"));
        manifests.iter().map(|text| text.as_str().expect("manifests are strings")).collect()
    }

    /// The manifests, read.
    pub(crate) fn manifests(&self) -> Vec<Value> {
        let read = |text: &str| serde_json::from_str(text).expect("manifests are JSON");
        self.texts().into_iter().map(read).collect()
    }

    /// The one manifest there is.
    pub(crate) fn manifest(&self) -> Value {
        let [manifest] = <[Value; 1]>::try_from(self.manifests()).expect("one manifest");
        manifest
    }

    /// What was said; it must be a bad answer.
    pub(crate) fn error(&self) -> &str {
        self.0["error"].as_str().unwrap_or_else(|| panic!("it is no error: {self:?}"))
    }

    /// The gRPC code.
    pub(crate) fn code(&self) -> &str {
        self.0["code"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }

    /// Another field.
    pub(crate) fn get(&self, key: &str) -> &Value {
        &self.0[key]
    }

    /// The plugin's own words, without what repo-server puts before them.
    pub(crate) fn said(&self) -> &str {
        let error = self.error();
        let before = "CMP processing failed for application \"demo\": \
                      error generating manifests in cmp: rpc error: code = ";
        let rest = error.strip_prefix(before).unwrap_or_else(|| panic!("{error}"));
        let (_code, words) = rest.split_once(" desc = ").unwrap_or_else(|| panic!("{error}"));
        words
    }

    /// The same, after a look for words in what was said.
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        let error = self.error();
        for word in words {
            assert!(error.contains(word), "`{word}` is not in: {error}");
        }
        self
    }
}
