//! Where a site's text goes: into one stream, or into a file of its own.

use std::path::{Path, PathBuf};

use site_render::emit::Format;

use crate::atomic;
use crate::codes;
use crate::exit::Stop;

/// Whether the stream has to tell sites apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sites {
    /// One site: its documents alone.
    One,
    /// Many: each begins with its name, where the format has comments.
    Many,
}

/// Where text goes.
#[derive(Debug)]
pub(crate) struct Sink {
    folder: Option<PathBuf>,
    format: Format,
    sites: Sites,
}

impl Sink {
    /// A stream, or a folder, which is made if it is not there.
    pub(crate) fn new(folder: Option<&Path>, format: Format, sites: Sites) -> Result<Self, Stop> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| refused("make the folder", folder, &error))?;
        }
        Ok(Self { folder: folder.map(Path::to_owned), format, sites })
    }

    /// How documents are to be written.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Takes a site's text; gives back what belongs into the stream.
    pub(crate) fn put(&self, site: &str, text: &str) -> Result<String, Stop> {
        let extension = match self.format {
            Format::Json => "json",
            Format::Yaml { .. } => "yaml",
        };
        if let Some(folder) = &self.folder {
            let file = folder.join(format!("{site}.{extension}"));
            atomic::write(&file, text).map_err(|error| refused("write", &file, &error))?;
            return Ok(String::new());
        }
        if self.sites == Sites::One || extension == "json" {
            return Ok(text.to_owned());
        }
        // An empty document would be read as a null.
        if text.is_empty() {
            return Ok(format!("# site: {site}\n# nothing\n"));
        }
        Ok(format!("---\n# site: {site}\n{text}"))
    }
}

fn refused(what: &str, path: &Path, error: &std::io::Error) -> Stop {
    let message = format!("cannot {what} {}: {error}", path.display());
    Stop::environment(&codes::EMIT_FILE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: Format = Format::Yaml { annotate: true };

    #[test]
    fn a_stream_of_many_sites_names_each() {
        let sink = Sink::new(None, YAML, Sites::Many).unwrap();
        assert_eq!(sink.put("a", "x: 1\n").unwrap(), "---\n# site: a\nx: 1\n");
        assert_eq!(sink.put("a", "").unwrap(), "# site: a\n# nothing\n");
        let sink = Sink::new(None, Format::Json, Sites::Many).unwrap();
        assert_eq!(sink.put("a", "{}\n").unwrap(), "{}\n");
        let sink = Sink::new(None, YAML, Sites::One).unwrap();
        assert_eq!(sink.put("a", "x: 1\n").unwrap(), "x: 1\n");
    }

    #[test]
    fn a_folder_gets_a_file_for_each_site() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("new/out");
        let sink = Sink::new(Some(&out), Format::Json, Sites::Many).unwrap();
        assert_eq!(sink.put("a", "{}\n").unwrap(), "");
        assert_eq!(std::fs::read_to_string(out.join("a.json")).unwrap(), "{}\n");
        std::fs::write(root.path().join("file"), "").unwrap();
        assert!(Sink::new(Some(&root.path().join("file")), YAML, Sites::One).is_err());
    }
}
