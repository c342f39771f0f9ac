//! A Helm repository with two versions of a chart, over HTTP.

use std::fs;
use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use site_cmp_tests::{Command, free_address};
use tokio::runtime::Runtime;

/// A repository that is served until this is dropped.
pub(crate) struct Charts {
    pub(crate) url: String,
    _runtime: Runtime,
}

impl Charts {
    /// Serves a chart's archive, and the same chart as another version.
    pub(crate) fn serve(archive: &Path, other: &str, helm: &Path, folder: &Path) -> Self {
        let name = archive.file_name().unwrap();
        fs::create_dir(folder).unwrap();
        fs::copy(archive, folder.join(name)).unwrap();
        let unpacked = tempfile::TempDir::new().unwrap();
        let tar = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(unpacked.path());
        tar.args(["--strip-components", "1"]).run().success();
        let package = Command::new(helm).args(["package", "--version", other]).arg(unpacked.path());
        package.arg("--destination").arg(folder).env("HOME", folder).run().success();
        let address = free_address();
        let url = format!("http://{address}");
        let index = Command::new(helm).args(["repo", "index"]).arg(folder).args(["--url", &url]);
        index.env("HOME", folder).run().success();
        let folder = folder.to_owned();
        let file = async move |path: axum::extract::Path<String>| {
            fs::read(folder.join(path.as_str())).map_err(|_missing| StatusCode::NOT_FOUND)
        };
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).unwrap();
        let service = axum::serve(listener, Router::new().route("/{file}", get(file)));
        runtime.spawn(service.into_future());
        Self { url, _runtime: runtime }
    }
}
