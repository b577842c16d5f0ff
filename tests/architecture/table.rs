//! The import table of docs/ARCHITECTURE.md as data.

/// What each module of the library may name of the others. Itself and `streaming` may always be named;
/// `lib.rs` and `main.rs` put everything together and may name all.
pub const MAY_NAME: &[(&str, &[&str])] = &[
    ("city", &[]),
    // The front door: it hands a whole, checked plan to the runner.
    ("cli", &["modes", "scenario", "settings", "telemetry"]),
    ("game", &["city", "modes"]),
    ("modes", &[]),
    ("overlay", &["modes", "settings", "telemetry"]),
    // The report writes down what telemetry recorded, and the script drives the game.
    (
        "scenario",
        &["city", "game", "modes", "settings", "telemetry"],
    ),
    ("settings", &[]),
    ("telemetry", &[]),
];

/// Crates of the panel.
pub const PANEL_CRATES: &[&str] = &[
    "bevy_egui",
    "bevy_inspector_egui",
    "bevy_perf_ui",
    "egui",
    "egui_kittest",
    "egui_plot",
    "iyes_perf_ui",
];

/// What a decision must not touch: the world, a clock.
pub const NOT_IN_LOGIC: &[&str] = &[
    "Commands",
    "DeferredWorld",
    "Instant",
    "MessageReader",
    "MessageWriter",
    "NonSend",
    "NonSendMut",
    "Query",
    "Res",
    "ResMut",
    "SystemTime",
    "World",
];

/// What a decision must not call: threads, files, the network.
pub const PATHS_NOT_IN_LOGIC: &[&[&str]] = &[
    &["bevy", "tasks"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
];

/// Resources that belong to streaming or to the game: the panel reads them and changes none.
pub const NOT_THE_PANELS: &[&str] = &[
    "AsyncChunkQueue",
    "ChunkPalette",
    "GenerationFaults",
    "Journey",
    "LawBook",
    "StreamingMetrics",
    "StreamingSettings",
];

/// Ways to get at a resource in order to change it.
pub const TAKES_TO_CHANGE: &[&str] = &[
    "ResMut",
    "SResMut",
    "get_resource_mut",
    "resource_mut",
    "resource_scope",
];

/// Files that may catch a panic: the generator's, and the window system's where it finds no way to open a window.
pub const MAY_CATCH_PANICS: &[&str] = &["src/streaming/workers", "src/scenario/run"];

/// Crates that an example may name: what another game has when it takes the streaming package.
pub const EXAMPLES_MAY_NAME: &[&str] = &["bevy", "ringroad_streaming", "std"];

/// Types whose names look like modules before `::`.
pub const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i32", "i64", "str", "u8", "u16", "u32", "u64", "usize",
];

/// An example is read on one page.
pub const EXAMPLE_LINES: usize = 150;
