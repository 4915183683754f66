//! What made a run: the program, its libraries, the machine.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::experiment::{Device, Experiment};

/// Everything outside of configuration and seed that can move the bits of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Commit that the program was built from. A program that was built from files that differ from their commit has
    /// its own hash behind a `+`; outside a repository the commit is "unknown".
    pub commit: String,
    /// The compiler.
    pub rustc: String,
    /// The tensor library.
    pub backend: String,
    /// Version of the model crate's arithmetic: it rises when last bits move.
    pub arithmetic: u32,
    /// The processor, by the name that it gives.
    pub cpu: String,
    /// Vector instructions that libtorch takes on it. Processors of one name differ in them, and last bits with them.
    pub instructions: String,
    /// Vector instructions that the processor has, among which libtorch's linear algebra (MKL) takes its own choice.
    /// Empty in records that were written before they were noted.
    #[serde(default)]
    pub processor_instructions: String,
    /// What the user has told MKL to take, as `MKL_ENABLE_INSTRUCTIONS` and `MKL_CBWR`; empty where nothing was told.
    #[serde(default)]
    pub mkl: String,
    /// What MKL says that it takes here, in its own words. Empty where the tensor library has no MKL, and in records that
    /// were written before it was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mkl_takes: String,
    /// Kind of device that trained.
    pub device: String,
}

impl Origin {
    /// Returns the origin of what this program trains on a device.
    pub(crate) fn here<E: Experiment>(device: Device) -> Self {
        let backend = E::backend();
        Self {
            commit: program(backend.commit, backend.dirty),
            rustc: env!("LAB_RUSTC").to_owned(),
            backend: backend.name.to_owned(),
            arithmetic: backend.arithmetic,
            cpu: cpu_model(),
            instructions: instructions(),
            processor_instructions: processor_instructions(),
            mkl: told_mkl(),
            mkl_takes: asked_mkl().to_owned(),
            device: device.name().to_owned(),
        }
    }

    /// Returns what MKL says that it takes, without the clock of the processor and how MKL was built.
    pub(crate) fn mkl_instructions(&self) -> &str {
        self.mkl_takes.split(", Lnx").next().unwrap_or_default()
    }

    /// Returns why runs of another origin have other last bits than those of this one, if they have.
    pub(crate) fn other_bits(&self, other: &Self) -> Option<String> {
        if self.device != "cpu" || other.device != "cpu" {
            return Some("not on a processor".to_owned());
        }
        if self.instructions != other.instructions {
            let [own, its] = [self, other].map(|origin| &origin.instructions);
            return Some(format!(
                "libtorch takes {own} here and took {its} there; where the processor has both, ATEN_CPU_CAPABILITY={its} gives the same bits"
            ));
        }
        let [own, its] = [self, other].map(Self::mkl_instructions);
        if !own.is_empty() && !its.is_empty() && own != its {
            return Some(format!("MKL takes {own} here and took {its} there"));
        }
        let pairs = [
            ("processor", &self.cpu, &other.cpu),
            ("library", &self.backend, &other.backend),
            ("arithmetic", &self.arithmetic.to_string(), &other.arithmetic.to_string()),
        ];
        let differing = pairs.into_iter().find(|(_, own, its)| own != its);
        differing.map(|(what, own, its)| format!("another {what}, {own} here and {its} there"))
    }
}

/// The identity of this program: its commit, and its own hash where it was built from changed files.
fn program(commit: &str, dirty: bool) -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    if !dirty {
        return commit.to_owned();
    }
    let hash = HASH.get_or_init(|| {
        let bytes = std::env::current_exe().and_then(fs_err::read).unwrap_or_default();
        blake3::hash(&bytes).to_hex()[..12].to_owned()
    });
    format!("{commit}+{hash}")
}

/// Returns the vector instructions that libtorch takes: the best that it knows of those that the processor has, or
/// what the user has set.
fn instructions() -> String {
    if let Ok(set) = std::env::var("ATEN_CPU_CAPABILITY") {
        return set;
    }
    let flags = processor_instructions();
    let flags: Vec<&str> = flags.split(' ').collect();
    let has = |all: &[&str]| all.iter().all(|flag| flags.contains(flag));
    let best = match () {
        () if has(&["avx512f", "avx512vl", "avx512bw", "avx512dq", "fma"]) => "avx512",
        () if has(&["avx2", "fma"]) => "avx2",
        () => "default",
    };
    best.to_owned()
}

/// Returns the vector instructions of the processor, as the system names them.
fn processor_instructions() -> String {
    const VECTORS: [&str; 5] = ["sse4", "avx", "fma", "amx", "bf16"];
    let text = fs_err::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags")).unwrap_or_default();
    let is_vector = |flag: &&str| VECTORS.iter().any(|kind| flag.starts_with(kind));
    flags.split_whitespace().filter(is_vector).collect::<Vec<_>>().join(" ")
}

/// Returns the environment that changes MKL's choice of instructions.
fn told_mkl() -> String {
    let told = ["MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR"]
        .map(|name| std::env::var(name).map(|value| format!("{name}={value}")));
    told.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns what MKL says that it takes, as in "Intel(R) Advanced Vector Extensions 2": it has no function that tells, but
/// its verbose mode does, so that a child of this program multiplies two matrices in it.
fn asked_mkl() -> &'static str {
    static ANSWER: OnceLock<String> = OnceLock::new();
    ANSWER.get_or_init(|| {
        let ask = || {
            let program = std::env::current_exe().ok()?;
            let mut child = std::process::Command::new(program);
            let said = child.arg("multiply").env("MKL_VERBOSE", "1").output().ok()?;
            let said = String::from_utf8(said.stdout).ok()?;
            let (_, rest) = said.lines().next()?.split_once("64 architecture ")?;
            Some(rest.split(" enabled processors").next()?.split(" processors").next()?.to_owned())
        };
        ask().unwrap_or_default()
    })
}

/// Returns the processor's name, where the system tells.
fn cpu_model() -> String {
    let text = fs_err::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.and_then(|rest| rest.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

#[cfg(test)]
impl Origin {
    pub(crate) fn unknown() -> Self {
        let word = || "unknown".to_owned();
        Self {
            commit: word(),
            rustc: word(),
            backend: word(),
            arithmetic: 0,
            cpu: word(),
            instructions: word(),
            processor_instructions: word(),
            mkl: word(),
            mkl_takes: word(),
            device: word(),
        }
    }
}
