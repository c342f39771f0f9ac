//! Checks names of queues against the rules of Nautobot and Celery.

/// The queue that every Nautobot has, because its migration `extras.0118` creates it.
pub(crate) const DEFAULT: &str = "default";

/// The longest `JobQueue.name` and `.description`, in characters: `CHARFIELD_MAX_LENGTH` of
/// Nautobot.
pub(crate) const MAX_LENGTH: usize = 255;

/// Returns the problem of a name as the end of a sentence ("is empty"), or `None` for a valid name.
///
/// `JobQueue.clean` refuses `/` and `..` (Nautobot 3.1.8, `extras/models/jobs.py`), and workers
/// get their queues as one list with commas (`celery worker --queues`).
pub(crate) fn name_problem(name: &str) -> Option<String> {
    // One pass accepts nearly every name, because there may be thousands. A UUID has at least 32
    // characters, so longer names get the full check.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.bytes().all(plain) && !matches!(name.len(), 0 | 32..) {
        return None;
    }
    let problem = if name.is_empty() {
        "is empty"
    } else if name.contains(',') {
        "contains a comma, which separates queues"
    } else if name.contains('/') {
        "contains `/`, which Nautobot refuses"
    } else if name.contains("..") {
        "contains `..`, which Nautobot refuses"
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        "contains white space or a control character"
    } else if is_uuid(name) {
        "is a UUID: Nautobot reads it as the id of a queue, does not find that queue, and runs the job in the job's default queue"
    } else {
        let length = name.chars().count();
        return (length > MAX_LENGTH)
            .then(|| format!("has {length} characters, but Nautobot allows {MAX_LENGTH}"));
    };
    Some(problem.to_owned())
}

/// Returns whether Python's `uuid.UUID` reads the name as a UUID, with hyphens anywhere (`is_uuid`
/// in Nautobot's `core/utils/data.py`, which `get_job_queue` in `extras/utils.py` calls). Python
/// accepts a few more spellings, such as digits with `_` between, which are not checked.
fn is_uuid(name: &str) -> bool {
    let mut digits = name.bytes().filter(|&byte| byte != b'-');
    digits.clone().count() == 32 && digits.all(|byte| byte.is_ascii_hexdigit())
}
