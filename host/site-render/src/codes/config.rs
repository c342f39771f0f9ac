//! Findings on a configuration and its layers.

crate::catalog! {
    CONFIG_CONTROL_CHARACTER: Error, Inputs, "config/control-character",
        "",
        "";
    CONFIG_DEL_UNBOUND: Error, Inputs, "config/del-unbound",
        "",
        "";
    CONFIG_DYNAMIC: Warning, Inputs, "config/dynamic",
        "",
        "";
    CONFIG_EMPTY: Error, Inputs, "config/empty",
        "",
        "";
    CONFIG_IMPORTS_LAYER: Error, Inputs, "config/imports-layer",
        "",
        "";
    CONFIG_INDENTED: Error, Inputs, "config/indented",
        "",
        "";
    CONFIG_LAYER_TWICE: Error, Inputs, "config/layer-twice",
        "",
        "";
    CONFIG_LAYERS: Error, Inputs, "config/layers",
        "",
        "";
    CONFIG_MUST_READ: Error, Validate, "config/must-read",
        "",
        "";
    CONFIG_NO_EFFECT: Warning, Validate, "config/no-effect",
        "",
        "";
    CONFIG_NO_LAYERS: Error, Profile, "config/no-layers",
        "",
        "";
    CONFIG_NOT_FOLLOWED: Warning, Validate, "config/not-followed",
        "",
        "";
    CONFIG_NOT_UTF8: Error, Inputs, "config/not-utf8",
        "",
        "";
    CONFIG_READS_DELETED: Error, Inputs, "config/reads-deleted",
        "",
        "";
    CONFIG_REBOUND: Note, Inputs, "config/rebound",
        "",
        "";
    CONFIG_SIZE: Error, Inputs, "config/size",
        "",
        "";
    CONFIG_STAR: Warning, Inputs, "config/star",
        "",
        "";
    CONFIG_STAR_CONDITIONAL: Error, Inputs, "config/star-conditional",
        "",
        "";
    CONFIG_STAR_LATE: Error, Inputs, "config/star-late",
        "",
        "";
    CONFIG_SYNTAX: Error, Inputs, "config/syntax",
        "",
        "";
    CONFIG_THROWN_AWAY: Error, Validate, "config/thrown-away",
        "",
        "";
    CONFIG_TOO_DEEP: Error, Inputs, "config/too-deep",
        "",
        "";
    CONFIG_UNREADABLE: Note, Inputs, "config/unreadable",
        "",
        "";
}
