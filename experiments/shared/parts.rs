//! Parts of an experiment: a file each, from its question to its figures.

use gan::data::images::ImageSet;

/// What the harness asks of a configuration before it runs.
pub trait Task {
    /// Returns the milliseconds of a cell on one core, roughly: only for the order of cells.
    fn cost(&self) -> f64;

    /// Returns the images that the cell reads, if it reads some.
    fn images(&self) -> Option<ImageSet> {
        None
    }
}

/// Makes an experiment of its parts, and the function `streams`, its random numbers.
///
/// After the constants of `lab::Experiment` come the parts, as [`parts!`](crate::parts) takes them; beside them stands a
/// module `metrics`, whose `METRICS` say what the numbers are. The arithmetic is `gan::ARITHMETIC` unless another is given,
/// and one part may have `animations`.
#[macro_export]
macro_rules! experiment {
    (
        $name:ident {
            name: $text:literal,
            about: $about:literal,
            epoch: $epoch:literal
            $(, arithmetic: $arithmetic:expr)?
            $(, animations: $moving:ident of $variant:ident)?
        }
        $($parts:tt)*
    ) => {
        $crate::parts! { $($parts)* }

        struct $name;

        impl lab::Experiment for $name {
            const NAME: &'static str = $text;
            const ABOUT: &'static str = $about;
            const EPOCH: u32 = $epoch;
            type Config = Config;

            fn backend() -> lab::Backend {
                lab::Backend { $(arithmetic: $arithmetic,)? ..$crate::backend() }
            }

            fn arms(profile: lab::Profile) -> Vec<lab::Arm<Config>> {
                Config::arms(profile)
            }

            fn cost(config: &Config) -> f64 {
                $crate::Task::cost(config)
            }

            fn prepare(config: &Config, data_dir: &std::path::Path) -> Result<(), String> {
                $crate::data::prepare($crate::Task::images(config), data_dir)
            }

            fn run(config: &Config, run: &mut lab::Run) -> $crate::Outcomes {
                config.run(run)
            }

            fn metrics() -> &'static [lab::Metric] {
                &metrics::METRICS
            }

            fn claims(results: &lab::Results<Config>) -> Vec<lab::Claim> {
                Config::claims(results)
            }

            fn figures(results: &lab::Results<Config>) -> Vec<lab::Figure> {
                Config::figures(results)
            }

            $(fn animations(results: &lab::Results<Config>) -> Vec<lab::Animation> {
                $moving::animations(&results.narrow(|config| match &config.task {
                    Task::$variant(config) => Some(config.clone()),
                    _ => None,
                }))
            })?
        }

        /// The random streams of the experiment.
        fn streams(run: &lab::Run) -> gan::Rng {
            $crate::streams(run, $text)
        }
    };
}

/// Makes the configuration of an experiment from its parts: a module each, with a `Config` that is a [`Task`] and the
/// functions `arms`, `run`, `claims` and `figures`.
///
/// The configuration is stored as `{"task": {"<part>": {..}}}`.
#[macro_export]
macro_rules! parts {
    ($($(#[$doc:meta])* $variant:ident: $module:ident,)*) => {
        /// One part of the experiment with its settings.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, garde::Validate)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Config {
            #[garde(dive)]
            task: Task,
        }

        /// What is done.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Task {
            $($(#[$doc])* $variant($module::Config),)*
        }

        gan::ranges_of_variants!(Task, |variant, task| match task {
            $(Self::$variant(config) => variant.inside(config),)*
        });

        $(impl From<$module::Config> for Config {
            fn from(config: $module::Config) -> Self {
                Self { task: Task::$variant(config) }
            }
        })*

        impl Config {
            fn arms(profile: lab::Profile) -> Vec<lab::Arm<Self>> {
                let mut arms = Vec::new();
                $(arms.extend($module::arms(profile).into_iter().map(|arm| arm.map(Self::from)));)*
                arms
            }

            fn run(&self, run: &mut lab::Run) -> $crate::Outcomes {
                match &self.task {
                    $(Task::$variant(config) => $module::run(config, run),)*
                }
            }

            fn claims(results: &lab::Results<Self>) -> Vec<lab::Claim> {
                let mut all = Vec::new();
                $(all.extend($module::claims(&results.narrow(|config| match &config.task {
                    Task::$variant(config) => Some(config.clone()),
                    _ => None,
                })));)*
                all
            }

            fn figures(results: &lab::Results<Self>) -> Vec<lab::Figure> {
                let mut all = Vec::new();
                $(all.extend($module::figures(&results.narrow(|config| match &config.task {
                    Task::$variant(config) => Some(config.clone()),
                    _ => None,
                })));)*
                all
            }
        }

        impl $crate::Task for Config {
            fn cost(&self) -> f64 {
                match &self.task {
                    $(Task::$variant(config) => $crate::Task::cost(config),)*
                }
            }

            fn images(&self) -> Option<gan::data::images::ImageSet> {
                match &self.task {
                    $(Task::$variant(config) => $crate::Task::images(config),)*
                }
            }
        }
    };
}
