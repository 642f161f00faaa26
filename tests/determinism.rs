//! The same bytes for any number of threads.

use std::path::Path;

use corridor::outcome::Outcome;
use corridor::scenario::build::{Options, build};
use corridor::scenario::read::read;

#[test]
fn libya_publishes_the_same_counts_for_1_2_3_and_8_threads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/libya-2011");
    let (scenario, _) = read(&folder).unwrap_or_else(|problems| panic!("{problems}"));
    let world = build(&scenario, "historical", &Options::default()).expect("the strategy is there");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| Outcome::of_run(&world, 1, 0, |_| ()))
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        let other = run(threads);
        assert!(one.days == other.days, "{threads} threads publish other counts than one");
        assert_eq!(one.spells_ended, other.spells_ended, "{threads} threads");
        assert_eq!(one.stranded_person_days, other.stranded_person_days, "{threads} threads");
    }
}
