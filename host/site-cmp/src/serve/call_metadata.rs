//! Checks of a call's metadata: the checksum of its archive and the folder of its application.

use site_render::disclosure::clip_text;
use site_render::is_sha256;

use super::unpack::PATH_BYTES;
use super::unpack_job::Digest;
use crate::call_rejection::CallRejection;
use crate::codes;

/// Parses a SHA-256 in lower-case hexadecimal.
pub(super) fn parse_digest(text: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    if !is_sha256(text) {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(digest)
}

/// Returns the error of bytes without the named digest.
pub(super) fn wrong_checksum(claimed: &str) -> CallRejection {
    let claimed = clip_text(claimed, 80);
    let message =
        format!("the archive does not match the checksum that was sent with it, `{claimed}`");
    CallRejection::malformed_stream(&codes::STREAM_CHECKSUM, message)
}

/// Checks that the application's folder is inside the archive, and not longer than a path in it may
/// be: nothing counts its bytes, and each of its folders is looked up.
pub(super) fn check_folder(path: &str) -> Result<(), CallRejection> {
    let mut depth = 0_usize;
    if path.len() > PATH_BYTES {
        let size = path.len();
        let message = format!("the application's path has {size} bytes, over {PATH_BYTES}");
        return Err(CallRejection::malformed_stream(&codes::STREAM_APP_PATH, message));
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => {
                let shown = clip_text(path, 200);
                let message = format!("the application's path `{shown}` leads outside the archive");
                return Err(CallRejection::malformed_stream(&codes::STREAM_APP_PATH, message));
            }
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_64_lower_case_digits() {
        let text = "00ff".repeat(16);
        assert_eq!(parse_digest(&text).unwrap()[..4], [0, 255, 0, 255]);
        for wrong in ["", "00", &text.to_uppercase(), &"é".repeat(32), &format!("{text}0")] {
            assert_eq!(parse_digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_path_stays_in_the_archive() {
        for good in [".", "", "a/b", "a/../b", "/etc", "a/b/../../c", &"a".repeat(4096)] {
            assert!(check_folder(good).is_ok(), "{good}");
        }
        for bad in ["..", "../x", "a/../../b", "/../x", "./..", &"a".repeat(4097)] {
            assert!(check_folder(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_cut_shows_a_part_of_a_secret() {
        let url = format!("/https://user:{}@h", "a1B2".repeat(9));
        let token = format!(" ghp_{}", "a1B2".repeat(9));
        for length in 20..200 {
            let path = format!("{}{url}/../../../../..", "x".repeat(length));
            let claimed = format!("{}{token}", "x".repeat(length % 90));
            for rejected in [check_folder(&path).unwrap_err(), wrong_checksum(&claimed)] {
                let status = tonic::Status::from(rejected);
                assert!(!status.message().contains("a1"), "{}", status.message());
            }
        }
    }
}
