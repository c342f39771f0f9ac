//! Writes the documents of sites: into one stream, or into one file a site.

use std::path::{Path, PathBuf};

use site_render::emit::Format;

use crate::atomic;
use crate::codes;
use crate::exit::CommandError;

/// Whether a stream has one site or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SiteCount {
    /// One site, written without its name.
    One,
    /// Several sites. Each begins with its name, if the format has comments.
    Many,
}

/// The destination of documents.
#[derive(Debug)]
pub(crate) struct Sink {
    folder: Option<PathBuf>,
    format: Format,
    sites: SiteCount,
}

impl Sink {
    /// Returns a stream, or a folder, which is created if it does not exist.
    pub(crate) fn new(
        folder: Option<&Path>,
        format: Format,
        sites: SiteCount,
    ) -> Result<Self, CommandError> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| write_error("create the folder", folder, &error))?;
        }
        Ok(Self { folder: folder.map(Path::to_owned), format, sites })
    }

    /// Returns the format of the documents.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Writes a site's text into its file, or returns the text for the stream.
    pub(crate) fn put(&self, site: &str, text: &str) -> Result<String, CommandError> {
        let extension = match self.format {
            Format::Json => "json",
            Format::Yaml { .. } => "yaml",
        };
        if let Some(folder) = &self.folder {
            let file = folder.join(format!("{site}.{extension}"));
            atomic::write(&file, text).map_err(|error| write_error("write", &file, &error))?;
            return Ok(String::new());
        }
        if self.sites == SiteCount::One || extension == "json" {
            return Ok(text.to_owned());
        }
        // A YAML parser reads an empty document as a null.
        if text.is_empty() {
            return Ok(format!("# site: {site}\n# no documents\n"));
        }
        Ok(format!("---\n# site: {site}\n{text}"))
    }
}

fn write_error(what: &str, path: &Path, error: &std::io::Error) -> CommandError {
    let message = format!("cannot {what} {}: {error}", path.display());
    CommandError::environment(&codes::EMIT_FILE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: Format = Format::Yaml { annotate: true };

    #[test]
    fn a_stream_of_many_sites_names_each() {
        let sink = Sink::new(None, YAML, SiteCount::Many).unwrap();
        assert_eq!(sink.put("a", "x: 1\n").unwrap(), "---\n# site: a\nx: 1\n");
        assert_eq!(sink.put("a", "").unwrap(), "# site: a\n# no documents\n");
        let sink = Sink::new(None, Format::Json, SiteCount::Many).unwrap();
        assert_eq!(sink.put("a", "{}\n").unwrap(), "{}\n");
        let sink = Sink::new(None, YAML, SiteCount::One).unwrap();
        assert_eq!(sink.put("a", "x: 1\n").unwrap(), "x: 1\n");
    }

    #[test]
    fn a_folder_gets_a_file_for_each_site() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("new/out");
        let sink = Sink::new(Some(&out), Format::Json, SiteCount::Many).unwrap();
        assert_eq!(sink.put("a", "{}\n").unwrap(), "");
        assert_eq!(std::fs::read_to_string(out.join("a.json")).unwrap(), "{}\n");
        std::fs::write(root.path().join("file"), "").unwrap();
        assert!(Sink::new(Some(&root.path().join("file")), YAML, SiteCount::One).is_err());
    }
}
