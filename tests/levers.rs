//! Every lever acts through the model: in worlds with one service its effect is the computed one, more of it never strands more
//! people under the same luck, and none of it changes nothing.

mod common;

use common::world_under;
use corridor::engine::Run;
use corridor::engine::agents::State;
use corridor::engine::counts::Incident;
use corridor::outcome::Outcome;
use corridor::outcome::metrics::measure;
use corridor::scenario::world::{Composition, World};

const NO_HARM: &str = "[risk]\nviolence = 0\ndetention = 0\nexploitation = 0\nrobbery = 0\ndeath = 0\nillness = 0\nsea_death = 0\n\
                       way_death = 0\nway_detention = 0\nway_robbery = 0\n[choice]\nnews_days = 1\n";
/// A country in crisis (AAA), a post across its border (BBB), and the country that people come from (CCC).
const PLACES: &str = "id,country,kind,lat,lon\ntown,AAA,town,0,0\npost,BBB,crossing,0,1\norigin,CCC,hub,0,2\n";
const ROUTES: &str = "from,to,mode,km,hours,two_way,fee_usd,risk\ntown,post,road,50,2,0,0,0\n";
/// A way home from the post that costs 100 USD.
const WAY_HOME: &str =
    "from,to,mode,km,hours,two_way,fee_usd,risk\ntown,post,road,50,2,0,0,0\npost,origin,road,50,2,0,100,0\n";
const DAYS: u32 = 12;

fn group(documents: u32, money: u32) -> String {
    format!("id,aim,home,party_size,documents,money_usd,money_spread\nG,home,origin,1,{documents},{money},1\n")
}

/// 1,000 people displaced at the post; the strategy `s` and the tables beside it are given.
struct Case<'a> {
    parameters: &'a str,
    routes: &'a str,
    groups: String,
    at: &'a str,
    more: Vec<(&'a str, String)>,
}

impl Case<'_> {
    fn world(&self, strategy: &str) -> World {
        // One more at home says where the crisis is.
        let at_home = if self.at == "town" { "" } else { "G,town,1,settled\n" };
        let people = format!("group,place,persons,state\nG,{},1000,displaced\n{at_home}", self.at);
        let mut files: Vec<(&str, &str)> = vec![
            ("locations.csv", PLACES),
            ("routes.csv", self.routes),
            ("groups.csv", &self.groups),
            ("populations.csv", &people),
            ("shocks.csv", "place,kind,start,intensity\ntown,conflict,2030-01-01,0.5\n"),
            ("strategies/s.toml", strategy),
        ];
        let parameters = format!("{}[departure]\nconflict = 0\n", self.parameters);
        files.extend(self.more.iter().map(|(name, text)| (*name, text.as_str())));
        world_under("s", DAYS, &parameters, &files)
    }

    fn run(&self, strategy: &str) -> Outcome {
        Outcome::of_run(&self.world(strategy), 7, 0, |_| ())
    }
}

fn case<'a>(routes: &'a str, groups: String) -> Case<'a> {
    Case { parameters: NO_HARM, routes, groups, at: "post", more: Vec::new() }
}

/// Persons waiting at the post (place 1) on each day.
fn waiting(outcome: &Outcome) -> Vec<u32> {
    outcome.days.iter().map(|c| c.waiting[1]).collect()
}

fn arrived(outcome: &Outcome) -> u32 {
    outcome.days.last().map_or(0, |c| c.in_state(0, State::Arrived))
}

fn seats(per_day: u32, more: &str) -> (&'static str, String) {
    let head = "from,to,mode,persons_per_day,cost_per_person_usd,when,delay_days,ramp_days";
    ("strategies/seats.csv", format!("{head}\npost,HOME,air,{per_day},10,{more}\n"))
}

const SEATS: &str = "services = [\"seats.csv\"]\n";

fn documents(per_day: u32) -> String {
    format!("[[intervention]]\nlever = \"documents\"\nplaces = \"post\"\nper_day = {per_day}\ncost_per_unit_usd = 4\n")
}

fn cash(per_day: u32) -> String {
    format!("[[intervention]]\nlever = \"cash\"\nplaces = \"post\"\nper_day = {per_day}\nusd = 100\n")
}

fn border(per_day: u32) -> String {
    format!(
        "[[intervention]]\nlever = \"border\"\nplaces = \"post\"\nlanes = 2\npersons_per_hour = {per_day}\nhours_per_day = 5\n"
    )
}

fn shelter(places: u32) -> String {
    format!("[[intervention]]\nlever = \"shelter\"\nplaces = \"post\"\ncapacity = {places}\ncost_per_unit_usd = 1\n")
}

#[test]
fn so_many_seats_a_day_carry_so_many_people_a_day() {
    let mut case = case(ROUTES, group(1, 0));
    case.more = vec![seats(80, ",,")];
    let outcome = case.run(SEATS);
    let expected: Vec<u32> = (1..=DAYS).map(|day| 1000 - 80 * day).collect();
    assert_eq!(waiting(&outcome), expected);
    let measured = measure(&case.world(SEATS), &outcome);
    assert_eq!(measured.overall("M40"), Some(f64::from(80 * DAYS * 10)));
    assert_eq!(measured.overall("M11"), Some(1.0));
}

#[test]
fn a_place_named_twice_for_pickup_is_called_at_once() {
    let run = |pickup: &str| {
        let mut case = case(ROUTES, group(1, 0));
        case.at = "town";
        let table = format!("from,pickup,to,mode,persons_per_day\npost,{pickup},HOME,air,80\n");
        case.more = vec![("strategies/seats.csv", table)];
        let world = case.world(SEATS);
        let boards = world.services.last().map(|service| service.boards.len());
        (boards, Outcome::of_run(&world, 7, 0, |_| ()).days)
    };
    let (once, twice) = (run("town"), run("town;town"));
    assert_eq!(once.0, Some(2));
    assert_eq!(once, twice);
}

/// Rows of those of whom `first` holds, and of the others: (those who still wait, those who do not).
fn served(run: &Run<'_>, world: &World, first: impl Fn(usize) -> bool) -> [(u32, u32); 2] {
    let mut served = [(0, 0); 2];
    for row in 0..run.agents().len() {
        let (waiting, gone) = &mut served[usize::from(!first(row))];
        let size = world.size(run.agents().composition[row]);
        *(if run.agents().state(row) == State::Waiting { waiting } else { gone }) += size;
    }
    served
}

#[test]
fn a_priority_serves_those_first_whom_it_names_and_no_more_in_all() {
    let kinds = |world: &World, run: &Run<'_>, row: usize| {
        world.compositions[usize::from(run.agents().composition[row])].kinds()
    };
    let families = "id,aim,home,party_size,documents,money_usd,money_spread\nG,home,origin,3,0.5,0,1\n".to_owned();
    for (word, kind) in [
        ("children", Composition::CHILDREN),
        ("elderly", Composition::ELDERLY),
        ("women", Composition::WOMEN),
        ("undocumented", 0),
    ] {
        let table = |priority: &str| {
            let head = "from,to,mode,persons_per_day,unused,priority";
            ("strategies/seats.csv", format!("{head}\npost,HOME,air,60,kept,{priority}\n"))
        };
        let mut with = case(ROUTES, families.clone());
        with.more = vec![table(word)];
        let mut without = case(ROUTES, families.clone());
        without.more = vec![table("")];
        let (world, other) = (with.world(SEATS), without.world(SEATS));
        let (mut run, mut plain) = (Run::new(&world, 7, 0), Run::new(&other, 7, 0));
        let mut mixed = 0;
        while run.step().is_some() && plain.step().is_some() {
            let first = |row: usize| match kind {
                0 => !world.classes[usize::from(run.agents().class[row])].documents,
                kind => kinds(&world, &run, row) & kind != 0,
            };
            let [(waiting, gone), (others, others_gone)] = served(&run, &world, first);
            assert!(gone > 0 && others + others_gone > 0, "{word}: both kinds of people are there");
            // While some of them wait there are no seats for others, but those too few for the next party.
            assert!(waiting == 0 || others_gone == 0, "{word}: {waiting} wait and {others_gone} others have gone");
            let [(_, plain_gone), (_, plain_others)] = served(&plain, &other, first);
            assert!((gone + others_gone).abs_diff(plain_gone + plain_others) < 12, "{word}: no more people in all");
            mixed += u32::from(plain_gone > 0 && plain_others > 0);
        }
        assert!(mixed > 0, "{word}: without a priority both kinds go on the same days");
    }
}

#[test]
fn a_desk_serves_those_first_whom_its_priority_names() {
    let families = "id,aim,home,party_size,documents,money_usd,money_spread\nG,home,origin,3,0,0,1\n".to_owned();
    let world = case(WAY_HOME, families).world(&format!("{}priority = [\"elderly\"]\n", cash(40)));
    let mut run = Run::new(&world, 7, 0);
    run.step();
    let elderly =
        |row: usize| world.compositions[usize::from(run.agents().composition[row])].kinds() & Composition::ELDERLY != 0;
    let helped: Vec<usize> = (0..run.agents().len()).filter(|row| run.agents().money[*row] >= 100).collect();
    assert!(!helped.is_empty() && helped.iter().all(|row| elderly(*row)), "only they, on the first day");
}

#[test]
fn lanes_let_so_many_more_through() {
    let mut case = case(WAY_HOME, group(1, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups,persons_per_day\nthroughput,post,origin,all,30\n".into())];
    let expected = |rate: u32| (1..=DAYS).map(|day| 1000u32.saturating_sub(rate * day)).collect::<Vec<_>>();
    assert_eq!(waiting(&case.run("title = \"none of it\"\n")), expected(30));
    // Two lanes of 4 persons an hour for 5 hours: 40 a day more.
    assert_eq!(waiting(&case.run(&border(4))), expected(70));
}

#[test]
fn documents_open_the_way_for_so_many_a_day() {
    let mut case = case(WAY_HOME, group(0, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups\ndocuments,post,origin,all\n".into())];
    assert_eq!(arrived(&case.run("title = \"none of it\"\n")), 0);
    let outcome = case.run(&documents(50));
    let served: Vec<u32> = outcome.days.iter().map(|c| c.served[0]).collect();
    assert_eq!(served, vec![50; DAYS as usize]);
    // Who is served on a day goes on the next morning and is home that day.
    assert_eq!(arrived(&outcome), 50 * (DAYS - 1));
}

#[test]
fn cash_makes_a_way_affordable_for_so_many_a_day() {
    let case = case(WAY_HOME, group(1, 20));
    assert_eq!(arrived(&case.run("title = \"none of it\"\n")), 0, "20 USD do not pay 100");
    let outcome = case.run(&cash(60));
    assert_eq!(outcome.days.iter().map(|c| c.served[0]).sum::<u32>(), 60 * DAYS);
    assert_eq!(arrived(&outcome), 60 * (DAYS - 1));
    assert_eq!(measure(&case.world(&cash(60)), &outcome).overall("M40"), Some(f64::from(60 * DAYS * 100)));
}

/// Rates of harm of 1,000 people who wait, with robbery only.
const ROBBERY: &str = "[risk]\nviolence = 0\ndetention = 0\nexploitation = 0\nrobbery = 200\ndeath = 0\nillness = 200\nambient = 1\n\
                       tier_step = 0\nsea_death = 0\nway_death = 0.5\nway_detention = 0\nway_robbery = 0\n";

fn incidents(outcome: &Outcome, kind: Incident) -> f64 {
    outcome.days.iter().map(|c| f64::from(c.incidents_of[kind as usize])).sum()
}

#[test]
fn shelter_for_half_lowers_the_risks_of_all_by_a_third() {
    let mut case = case(ROUTES, group(1, 0));
    case.parameters = ROBBERY;
    let (none, half) = (case.run("title = \"none of it\"\n"), case.run(&shelter(500)));
    assert!(half.days.iter().all(|c| c.sheltered[1] == 500));
    // Hazard over (1 + protection 1 x share 0.5): two thirds; some 1,200 events each, 4 standard errors.
    let (a, b) = (incidents(&none, Incident::Robbery), incidents(&half, Incident::Robbery));
    assert!((b / a - 2.0 / 3.0).abs() < 4.0 * (2.0 / 3.0) * (1.0 / a + 1.0 / b).sqrt(), "{b} of {a}");
    assert!(a > 800.0, "{a}");
}

#[test]
fn water_halves_illness_and_nothing_else() {
    let mut case = case(ROUTES, group(1, 0));
    case.parameters = ROBBERY;
    let wash = "[[intervention]]\nlever = \"wash\"\nplaces = \"post\"\nshare = 0.5\ncost_per_unit_usd = 2\n";
    let (none, with) = (case.run("title = \"none of it\"\n"), case.run(wash));
    let (ill, robbed) = (incidents(&none, Incident::Illness), incidents(&none, Incident::Robbery));
    let ratio = incidents(&with, Incident::Illness) / ill;
    assert!((ratio - 0.5).abs() < 0.09, "{ratio}");
    let ratio = incidents(&with, Incident::Robbery) / robbed;
    assert!((ratio - 1.0).abs() < 0.15, "{ratio}");
    let cost = measure(&case.world(wash), &with).overall("M40").unwrap();
    assert_eq!(cost, f64::from(2 * 1000 * DAYS), "everybody waits all the time");
}

fn care(lever: &str, keys: &str) -> String {
    format!("[[intervention]]\nlever = \"{lever}\"\nplaces = \"post\"\n{keys}\n")
}

#[test]
fn relief_reaches_so_many_and_the_rest_go_without() {
    let mut case = case(ROUTES, group(1, 0));
    case.parameters = ROBBERY;
    let relief = care("relief", "capacity = 400\nshare = 0.5\ncost_per_unit_usd = 2");
    let (none, with) = (case.run("title = \"none of it\"\n"), case.run(&relief));
    let ratio = incidents(&with, Incident::Illness) / incidents(&none, Incident::Illness);
    assert!((ratio - 0.8).abs() < 0.12, "half of the illness of four in ten: {ratio}");
    let measured = measure(&case.world(&relief), &with);
    let of = |id: &str| measured.overall(id);
    assert_eq!(of("M23_relief"), Some(f64::from(600 * DAYS)));
    assert_eq!((of("M23"), of("M25"), of("M33")), (Some(0.6), Some(2.5), Some(0.0)));
    assert_eq!(of("M40"), Some(f64::from(2 * 400 * DAYS)));
    assert_eq!((of("M22"), of("M23_health"), of("M23_contacts")), (None, None, None), "what is there is not known");
    // Contacts are counted, and change nothing.
    let talk = care("psychosocial", "capacity = 30\nshare = 1");
    let talked = case.run(&talk);
    assert_eq!(measure(&case.world(&talk), &talked).overall("M23_contacts"), Some(f64::from(30 * DAYS)));
    assert_eq!(incidents(&talked, Incident::Illness), incidents(&none, Incident::Illness));
}

#[test]
fn who_coordinates_reaches_nobody_twice() {
    let mut case = case(ROUTES, group(1, 0));
    case.parameters = NO_HARM;
    let wash = care("wash", "capacity = 600\nshare = 0.5\ncost_per_unit_usd = 1");
    let twice = format!("{wash}{wash}");
    let measured = |strategy: &str| {
        let measured = measure(&case.world(strategy), &case.run(strategy));
        ["M33", "M22", "M40"].map(|id| measured.overall(id).unwrap())
    };
    // Each reaches six in ten by lot: 360 twice, 160 not at all, a third of the days without coordination.
    let days = f64::from(DAYS);
    assert_eq!(measured(&twice), [0.3, 160.0 * days, 1200.0 * days]);
    assert_eq!(measured(&format!("{twice}{}", care("coordination", ""))), [0.0, 0.0, 1000.0 * days]);
    let later = care("coordination", "start = 2030-01-07");
    assert_eq!(measured(&format!("{twice}{later}"))[1], 160.0 * 6.0);
}

#[test]
fn what_families_send_and_employers_owe_pays_for_the_way_and_costs_the_response_its_desk() {
    let case = case(WAY_HOME, group(1, 20));
    for lever in ["remittances", "claims"] {
        // Of 125 USD four fifths arrive.
        let keys = "per_day = 60\nusd = 125\nshare = 0.8\ncost_per_unit_usd = 3";
        let strategy = care(lever, keys);
        let outcome = case.run(&strategy);
        assert_eq!(arrived(&outcome), 60 * (DAYS - 1), "{lever}");
        let measured = measure(&case.world(&strategy), &outcome);
        assert_eq!(measured.overall("M40"), Some(f64::from(60 * DAYS * 3)), "{lever}");
        // 280 still wait with 20 USD, too little; 660 of 1,000 paid 100 of their 120, and 60 have not set out with theirs.
        assert_eq!(measured.overall("M28_short"), Some(1.0), "{lever}");
        let had = 720.0 * 120.0 + 280.0 * 20.0;
        assert_eq!(measured.overall("M28"), Some(66_000.0 / had), "{lever}");
        let too_little = care(lever, &keys.replace("0.8", "0.5"));
        assert_eq!(arrived(&case.run(&too_little)), 0, "{lever}");
    }
}

#[test]
fn savings_put_by_pay_for_the_way_and_dikes_weaken_floods_and_no_fighting() {
    let mut case = case(WAY_HOME, group(1, 20));
    let resilience = |keys: &str| format!("[[intervention]]\nlever = \"resilience\"\n{keys}\n");
    assert_eq!(arrived(&case.run(&resilience("usd = 79"))), 0);
    assert_eq!(arrived(&case.run(&resilience("usd = 80"))), 1000);
    let shocks = "place,kind,start,intensity\ntown,sudden_hazard,2030-01-01,0.8\npost,conflict,2030-01-01,0.4\n";
    case.more = vec![("shocks.csv", shocks.to_owned())];
    let world = case.world(&resilience("share = 0.25\nplaces = \"AAA\""));
    assert!((world.hazard.at(3, 0) - 0.6).abs() < 1e-6 && (world.conflict.at(3, 1) - 0.4).abs() < 1e-6);
}

fn training(share: f64) -> String {
    care("training", &format!("share = {share}"))
}

#[test]
fn trained_staff_let_more_through_and_serve_more() {
    let mut border = case(WAY_HOME, group(1, 500));
    border.more = vec![("policies.csv", "rule,from,to,groups,persons_per_day\nthroughput,post,origin,all,30\n".into())];
    let expected = |rate: u32| (1..=DAYS).map(|day| 1000 - rate * day).collect::<Vec<_>>();
    assert_eq!(waiting(&border.run(&training(0.2))), expected(36));
    // The desk stands after the training in the file; two halves of a person make one.
    let mut papers = case(WAY_HOME, group(0, 500));
    papers.more = vec![("policies.csv", "rule,from,to,groups\ndocuments,post,origin,all\n".into())];
    let outcome = papers.run(&format!("{}{}", training(0.5), documents(5)));
    let served: Vec<u32> = outcome.days.iter().map(|c| c.served[0]).collect();
    assert_eq!(served, [7, 8, 7, 8, 7, 8, 7, 8, 7, 8, 7, 8]);
}

#[test]
fn news_of_a_wait_goes_stale() {
    // 1,000 wait for 80 seats a day from the first day; news every 6 days says 12, then 6 days, and the queue gets shorter each day.
    let mut case = case(ROUTES, group(1, 0));
    case.more = vec![seats(80, ",,")];
    let misled = |news_days: u32| {
        let parameters = NO_HARM.replace("news_days = 1", &format!("news_days = {news_days}"));
        let case = Case { parameters: &parameters, more: case.more.clone(), groups: case.groups.clone(), ..case };
        case.run(SEATS).days.iter().map(|c| c.misled[0]).collect::<Vec<u32>>()
    };
    let (often, seldom) = (misled(1), misled(6));
    assert!(often.iter().sum::<u32>() < seldom.iter().sum::<u32>(), "{often:?} {seldom:?}");
    let outcome = case.run(SEATS);
    let share = measure(&case.world(SEATS), &outcome).overall("M30").unwrap();
    let waited: u32 = waiting(&outcome).iter().sum();
    assert_eq!(share, f64::from(often.iter().sum::<u32>()) / f64::from(waited));
}

/// Every harm to those who wait, so often that shares can be measured, and so short that the dead are few.
const HARM: &str = "[risk]\nviolence = 150\ndetention = 60\nexploitation = 150\nrobbery = 150\ndeath = 30\nillness = 150\n\
                    separation = 150\nambient = 1\ntier_step = 0\nsea_death = 0\nway_death = 0\nway_detention = 0\n\
                    way_robbery = 0\ndetention_days = 1\n";

#[test]
fn every_care_takes_its_share_of_its_harms_and_of_no_other() {
    use Incident::*;
    let groups = group(1, 0).replace("G,home,origin,1,", "G,home,origin,3,");
    let case = Case { parameters: HARM, routes: ROUTES, groups, at: "post", more: Vec::new() };
    let kinds = [Violence, Detention, Exploitation, Robbery, Death, Illness, Separation];
    let harmed = |strategy: &str| {
        let world = case.world(strategy);
        let runs: Vec<Outcome> = (0..10).map(|r| Outcome::of_run(&world, 7, r, |_| ())).collect();
        kinds.map(|kind| runs.iter().map(|run| incidents(run, kind)).sum::<f64>())
    };
    let none = harmed("title = \"none of it\"\n");
    let cares: [(&str, &[Incident]); 7] = [
        ("wash", &[Illness]),
        ("health", &[Illness, Death]),
        ("screening", &[Violence, Detention, Exploitation]),
        ("counter_trafficking", &[Exploitation]),
        ("family_unity", &[Separation]),
        ("firewall", &[Detention]),
        ("host_support", &[Violence, Robbery]),
    ];
    for (lever, eased) in cares {
        let with = harmed(&format!("[[intervention]]\nlever = \"{lever}\"\nplaces = \"post\"\nshare = 0.5\n"));
        for (kind, (before, after)) in kinds.into_iter().zip(none.into_iter().zip(with)) {
            assert!(before > 500.0, "{kind:?}: {before}");
            // Half of the harm, or all of it and somewhat more, since whoever is spared one harm can suffer another. Parties of
            // three or so triple the variance of a Poisson law; four standard errors.
            let (least, most) = if eased.contains(&kind) { (0.5, 0.6) } else { (1.0, 1.2) };
            let noise = 4.0 * (3.0 / before + 3.0 / after).sqrt();
            let ratio = after / before;
            assert!(least - noise < ratio && ratio < most + noise, "{lever}, {kind:?}: {before} to {after}");
        }
    }
}

#[test]
fn a_person_alone_cannot_be_separated() {
    let alone = Case { parameters: HARM, routes: ROUTES, groups: group(1, 0), at: "post", more: Vec::new() };
    assert_eq!(incidents(&alone.run("title = \"x\"\n"), Incident::Separation), 0.0);
}

#[test]
fn reception_supports_so_many_a_day_of_those_who_are_home() {
    let case = case(WAY_HOME, group(1, 500));
    let reception =
        "[[intervention]]\nlever = \"reception\"\nper_day = 70\nstart = 2030-01-03\ncost_per_unit_usd = 5\n";
    let outcome = case.run(reception);
    assert_eq!(outcome.days[0].in_state(0, State::Arrived), 1000, "all are home on the first day");
    let received: Vec<u32> = outcome.days.iter().map(|c| c.received[0]).collect();
    assert_eq!(received, [0, 0, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70]);
    let measured = measure(&case.world(reception), &outcome);
    assert_eq!(measured.overall("M36"), Some(0.7));
    assert_eq!(measured.overall("M40"), Some(3500.0));
    let many = case.run(&reception.replace("70", "400"));
    assert_eq!(many.days.iter().map(|c| c.received[0]).sum::<u32>(), 1000, "nobody twice");
}

#[test]
fn a_corridor_takes_the_danger_from_the_way() {
    let routes = "from,to,mode,km,hours,two_way,fee_usd,risk\ntown,post,road,50,2,0,0,1\npost,origin,road,50,2,0,0,0\n";
    let mut case = case(routes, group(1, 0));
    (case.parameters, case.at) = (ROBBERY, "town");
    let corridor = |share: f64| {
        format!("[[intervention]]\nlever = \"corridor\"\nplaces = [\"town\", \"post\"]\nshare = {share}\n")
    };
    let dead = |strategy: &str| incidents(&case.run(strategy), Incident::Death);
    let (whole, half) = (dead("title = \"none of it\"\n"), dead(&corridor(0.5)));
    // Half die on the way, or a quarter: three standard errors of the binomial law.
    assert!((whole - 500.0).abs() < 48.0 && (half - 250.0).abs() < 41.0, "{whole} {half}");
    assert_eq!(dead(&corridor(1.0)), 0.0);
    // A closed way is opened.
    case.more = vec![("policies.csv", "rule,from,to,groups\nclosed,town,post,all\n".into())];
    assert_eq!(arrived(&case.run("title = \"none of it\"\n")), 0);
    assert_eq!(arrived(&case.run(&corridor(1.0))), 1000);
}

#[test]
fn search_and_rescue_saves_its_share_at_sea() {
    let routes =
        "from,to,mode,km,hours,two_way,access,risk\ntown,post,sea,50,2,0,free,1\npost,origin,road,50,2,0,free,0\n";
    let mut case = case(routes, group(1, 0));
    let parameters = NO_HARM.replace("sea_death = 0", "sea_death = 0.4");
    (case.parameters, case.at) = (&parameters, "town");
    let rescue = "[[intervention]]\nlever = \"search_and_rescue\"\nshare = 0.75\n";
    let (none, with) =
        (incidents(&case.run("title = \"x\"\n"), Incident::Death), incidents(&case.run(rescue), Incident::Death));
    assert!((none - 400.0).abs() < 47.0 && (with - 100.0).abs() < 29.0, "{none} {with}");
}

#[test]
fn lawful_stay_ends_stranding_and_a_waiver_opens_the_border() {
    let mut case = case(WAY_HOME, group(1, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups\nrefuse,post,origin,all\n".into())];
    let stranded = |strategy: &str| measure(&case.world(strategy), &case.run(strategy)).overall("M03").unwrap();
    assert!(stranded("title = \"none of it\"\n") >= 1000.0);
    assert_eq!(stranded("[[intervention]]\nlever = \"stay\"\nplaces = \"BBB\"\n"), 0.0);
    let waiver = "[[intervention]]\nlever = \"waiver\"\nplaces = \"post\"\nstart = 2030-01-05\n";
    assert_eq!(arrived(&case.run(waiver)), 1000);
    let before = case.run(waiver);
    assert_eq!(before.days[3].in_state(0, State::Arrived), 0, "not before its day");
}

#[test]
fn a_trigger_fires_on_what_was_published_and_the_response_begins_after_its_lead_time() {
    let mut case = case(ROUTES, group(1, 0));
    // 1,000 wait from day 0 on; seen on day 1 for the first time, on day 2 for the second.
    case.more = vec![seats(80, "waiting(post) > 999 for 2 days,3,")];
    let outcome = case.run(SEATS);
    assert_eq!(outcome.fired, [Some(2)]);
    let granted: Vec<u32> = outcome.days.iter().map(|c| c.granted[0]).collect();
    assert_eq!(granted[..7], [0, 0, 0, 0, 0, 80, 80]);
    // Two days late, counted every third day: day 0 is published on day 3, and is what holds until day 5.
    let late = format!("{SEATS}[[intervention]]\nlever = \"tracking\"\ndelay_days = 2\nevery_days = 3\n");
    assert_eq!(case.run(&late).fired, [Some(4)]);
    // Never where the limit is not reached; and with error now and then where it nearly is.
    case.more = vec![seats(80, "waiting(post) > 1000,,")];
    assert_eq!(case.run(SEATS).fired, [None]);
    let noisy = format!("{SEATS}[[intervention]]\nlever = \"tracking\"\nerror = 0.2\n");
    assert!(case.run(&noisy).fired[0].is_some());
    // A plan made in advance shortens the lead time.
    case.more = vec![seats(80, "waiting(post) > 999 for 2 days,3,")];
    let ready = format!("{SEATS}[[intervention]]\nlever = \"readiness\"\ndays_earlier = 2\n");
    assert_eq!(case.run(&ready).days[3].granted[0], 80);
}

#[test]
fn tracking_error_is_what_late_and_rough_counts_are_off() {
    // 1,000 wait from the first day and nobody is ever helped: what is seen is right as soon as it is seen.
    let mut case = case(ROUTES, group(1, 0));
    case.more = vec![seats(80, "waiting(post) > 5000,,")];
    let error = |strategy: &str| measure(&case.world(strategy), &case.run(strategy)).overall("M43");
    assert_eq!(error(SEATS), Some(0.0));
    let tracking = |keys: &str| format!("{SEATS}[[intervention]]\nlever = \"tracking\"\n{keys}\n");
    // Eleven looks; on the first two nothing has been seen yet.
    assert_eq!(error(&tracking("delay_days = 2")), Some(2.0 / 11.0));
    let rough = error(&tracking("error = 0.2")).expect("a share");
    assert!((0.05..0.4).contains(&rough), "{rough}");
    assert_eq!(error(""), None, "no trigger looks");
}

#[test]
fn a_ramp_grows_and_money_binds() {
    let mut case = case(ROUTES, group(1, 0));
    case.more = vec![seats(80, ",,4")];
    let granted = |outcome: &Outcome| outcome.days.iter().map(|c| c.granted[0]).collect::<Vec<_>>();
    assert_eq!(granted(&case.run(SEATS))[..5], [20, 40, 60, 80, 80]);
    case.more = vec![seats(80, ",,")];
    let funded = format!("{SEATS}[[intervention]]\nlever = \"funding\"\nusd = 2000\n");
    let outcome = case.run(&funded);
    assert_eq!(granted(&outcome)[..4], [80, 80, 40, 0], "2,000 USD pay 200 seats of 10 USD");
    assert_eq!(measure(&case.world(&funded), &outcome).overall("M40"), Some(2000.0));
    let released = format!("{SEATS}[[intervention]]\nlever = \"funding\"\nusd = 2000\nramp_days = 4\n");
    assert_eq!(granted(&case.run(&released))[..6], [50, 50, 50, 50, 0, 0], "a quarter a day");
}

#[test]
#[expect(clippy::type_complexity, reason = "a table of worlds")]
fn more_of_a_lever_never_strands_more_and_none_of_it_changes_nothing() {
    type Lever = fn(u32) -> String;
    let rule = |rule: &str| vec![("policies.csv", format!("rule,from,to,groups,persons_per_day\n{rule}\n"))];
    let levers: [(&str, &str, String, Vec<(&str, String)>, Lever); 9] = [
        ("documents", WAY_HOME, group(0, 500), rule("documents,post,origin,all,"), documents),
        ("cash", WAY_HOME, group(1, 20), Vec::new(), cash),
        ("border", WAY_HOME, group(1, 500), rule("throughput,post,origin,all,30"), border),
        ("shelter", ROUTES, group(1, 0), Vec::new(), shelter),
        ("remittances", WAY_HOME, group(1, 20), Vec::new(), |n| cash(n).replace("cash", "remittances")),
        ("claims", WAY_HOME, group(1, 20), Vec::new(), |n| cash(n).replace("cash", "claims")),
        ("training", WAY_HOME, group(1, 500), rule("throughput,post,origin,all,30"), |n| {
            training(f64::from(n) / 400.0)
        }),
        ("resilience", WAY_HOME, group(1, 20), Vec::new(), |n| {
            format!("[[intervention]]\nlever = \"resilience\"\nusd = {n}\n")
        }),
        ("relief", ROUTES, group(1, 0), Vec::new(), |n| care("relief", &format!("capacity = {n}\nshare = 0.5"))),
    ];
    for (name, routes, groups, more, lever) in levers {
        let case = Case { parameters: "[choice]\nnews_days = 1\n", routes, groups, at: "post", more };
        let stuck = |strategy: &str| {
            let measured = measure(&case.world(strategy), &case.run(strategy));
            measured.overall("M03").unwrap() + measured.overall("M07").unwrap()
        };
        let runs: Vec<f64> = [0, 5, 20, 80, 400].map(|n| stuck(&lever(n))).to_vec();
        assert!(runs.windows(2).all(|pair| pair[1] <= pair[0]), "{name}: {runs:?}");
        let a_tent_or_a_meal = ["shelter", "relief"].contains(&name);
        assert!(a_tent_or_a_meal || runs[4] < runs[0], "{name}: {runs:?}");
        let (none, zero) = (case.run("title = \"none of it\"\n"), case.run(&lever(0)));
        let published = |outcome: &Outcome| -> Vec<corridor::engine::counts::Counts> {
            // All that is published, but for the lists that have an entry for each lever, be it of nothing.
            let bare = |day: &corridor::engine::counts::Counts| corridor::engine::counts::Counts {
                served: Vec::new(),
                shelter_open: Vec::new(),
                cared: Vec::new(),
                ..day.clone()
            };
            outcome.days.iter().map(bare).collect()
        };
        assert!(published(&none) == published(&zero), "{name}");
        assert!(zero.days.iter().all(|d| d.served.iter().chain(&d.shelter_open).all(|n| *n == 0)), "{name}");
        assert!(zero.days.iter().all(|d| d.cared.iter().all(|care| care.reached == 0)), "{name}");
    }
    let mut case = case(ROUTES, group(1, 0));
    let mut before = f64::INFINITY;
    for n in [0, 5, 20, 80, 400] {
        case.more = vec![seats(n, ",,")];
        let stuck = measure(&case.world(SEATS), &case.run(SEATS)).overall("M03").unwrap();
        assert!(stuck <= before, "{n} seats: {stuck} after {before}");
        before = stuck;
    }
}

#[test]
fn levers_before_the_crisis_change_who_people_are() {
    let groups = "id,aim,home,party_size,documents,supported,language,info_date\n\
                  G,home,origin,1,0.2,0.1,Arabic/French,2030-01-10\nH,home,origin,1,0.2,0,Bengali,2030-01-10\n";
    let case = Case { groups: groups.into(), ..case(ROUTES, String::new()) };
    let world = |strategy: &str| case.world(strategy);
    let share = |world: &World, of: fn(&corridor::scenario::world::Class) -> bool| {
        let persons = |such: bool| -> u32 {
            let cells = world.displaced.iter().filter(|c| !such || of(&world.classes[c.class]));
            cells.map(|c| c.persons).sum()
        };
        f64::from(persons(true)) / f64::from(persons(false))
    };
    let registered = world("[[intervention]]\nlever = \"registration\"\nshare = 0.5\n");
    // Of those not supported, 0.2 + 0.5 x 0.8 have papers.
    assert!((share(&registered, |c| c.documents && !c.supported) - 0.9 * 0.6).abs() < 0.01);
    let employed = world("[[intervention]]\nlever = \"employers\"\nshare = 0.5\n");
    assert!((share(&employed, |c| c.supported) - 0.55).abs() < 0.01);
    let told = world("[[intervention]]\nlever = \"information\"\nlanguages = \"french\"\ndays_earlier = 4\n");
    assert_eq!((told.groups[0].info_day, told.groups[1].info_day), (5.0, 9.0));
}

#[test]
fn seats_are_pooled_and_dates_are_shifted_by_one_key() {
    let mut case = case(ROUTES, group(1, 0));
    let head = "from,to,mode,groups,start,end,persons_per_day,order,assistance";
    let table = format!("{head}\npost,origin,air,G,2030-01-06,2030-01-07,50,exclusive,1\n");
    let base = "services = [\"kept.csv\"]\n".to_owned();
    case.more = vec![("strategies/kept.csv", table), ("strategies/base.toml", base)];
    let days = |strategy: &str| -> Vec<u32> { case.run(strategy).days.iter().map(|c| c.granted[0]).collect() };
    assert_eq!(days("extends = \"base\"\n")[..8], [0, 0, 0, 0, 0, 50, 50, 0]);
    assert_eq!(days("extends = \"base\"\nshift_days = -3\n")[..8], [0, 0, 50, 50, 0, 0, 0, 0]);
    assert_eq!(days("extends = \"base\"\nshift_days = 2\n")[..10], [0, 0, 0, 0, 0, 0, 0, 50, 50, 0]);
    let eligible = |strategy: &str| case.world(strategy).services[0].lever.clone();
    assert_eq!(eligible("extends = \"base\"\npool_seats = true\n"), "L09");
    assert_eq!(days("extends = \"base\"\npool_seats = true\n")[5], 50);
}

#[test]
fn half_a_seat_a_day_is_a_seat_every_other_day_and_a_ramp_loses_nobody() {
    let gone = |row: &str| {
        let mut case = case(ROUTES, group(1, 0));
        let head = "from,to,mode,persons_per_day,ramp_days";
        case.more = vec![("strategies/seats.csv", format!("{head}\npost,HOME,air,{row}\n"))];
        1000 - waiting(&case.run(SEATS))[DAYS as usize - 1]
    };
    assert_eq!(gone("0.5,0"), DAYS / 2);
    // 0.25 + 0.5 + 0.75 + 1 on each of the nine days that are left.
    assert_eq!(gone("1,4"), 10);
}

#[test]
fn whoever_is_struck_is_no_likelier_to_be_struck_again_on_the_next_day() {
    let mut case = case(ROUTES, group(1, 0));
    case.parameters = ROBBERY;
    let outcome = case.run("title = \"none of it\"\n");
    let daily: Vec<f64> = outcome.days.iter().map(|c| c.incidents_of.iter().map(|n| f64::from(*n)).sum()).collect();
    let mean = daily.iter().sum::<f64>() / f64::from(DAYS);
    for (day, incidents) in daily.iter().enumerate() {
        assert!((incidents - mean).abs() < 5.0 * mean.sqrt(), "day {day}: {incidents} of {mean:.0}: {daily:?}");
    }
}

#[test]
fn more_lanes_do_not_end_refusals_at_a_border_without_a_limit() {
    let mut case = case(WAY_HOME, group(1, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups,share\nrefuse,post,origin,all,0.9\n".into())];
    let refused = |strategy: &str| incidents(&case.run(strategy), Incident::Refusal);
    assert!(refused("title = \"none of it\"\n") > 1000.0);
    assert_eq!(refused(&border(1)), refused("title = \"none of it\"\n"));
}

#[test]
fn each_of_two_waivers_opens_the_border_on_its_days() {
    let mut case = case(WAY_HOME, group(0, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups\ndocuments,post,origin,all\n".into())];
    let waiver = |start: u32, end: u32| {
        format!(
            "[[intervention]]\nlever = \"waiver\"\nplaces = \"post\"\nstart = 2030-01-{start:02}\nend = 2030-01-{end:02}\n"
        )
    };
    // Another barrier holds the people back until the first waiver is over.
    case.more[0].1.push_str("closed,post,origin,all\n");
    let opened =
        "[[intervention]]\nlever = \"corridor\"\nplaces = [\"post\", \"origin\"]\nshare = 0\nstart = 2030-01-06\n";
    for waivers in [waiver(2, 3) + &waiver(8, 12), waiver(8, 12) + &waiver(2, 3)] {
        assert_eq!(arrived(&case.run(&(waivers + opened))), 1000);
    }
    assert_eq!(arrived(&case.run(&(waiver(2, 3) + opened))), 0);
}

#[test]
fn lawful_stay_ends_no_danger_and_a_firewall_holds_where_it_is() {
    let mut case = case(ROUTES, group(1, 0));
    case.at = "town";
    let closed = "rule,from,to,groups\nclosed,town,post,all\n".to_owned();
    let fighting = "place,kind,start,intensity\ntown,conflict,2030-01-01,0.9\n".to_owned();
    case.more = vec![("policies.csv", closed), ("shocks.csv", fighting)];
    let trapped = |strategy: &str| measure(&case.world(strategy), &case.run(strategy)).overall("M07");
    let stay = "[[intervention]]\nlever = \"stay\"\nplaces = \"AAA\"\n";
    assert!(trapped(stay) > Some(10_000.0) && trapped(stay) == trapped("title = \"none of it\"\n"));
    let detention = "[risk]\ndetention = 100\ndeath = 0\n";
    case.parameters = detention;
    let firewall = |place: &str| format!("[[intervention]]\nlever = \"firewall\"\nplaces = \"{place}\"\nshare = 0.9\n");
    let detained =
        |strategy: &str| -> u32 { case.run(strategy).days.iter().map(|c| c.in_state(0, State::Detained)).sum() };
    let without = detained("title = \"none of it\"\n");
    assert_eq!(detained(&firewall("origin")), without);
    assert!(detained(&firewall("town")) < without / 5, "{} of {without}", detained(&firewall("town")));
}

#[test]
fn a_corridor_opens_a_closed_way_to_seats_as_well() {
    let routes = "from,to,mode,km,hours,access\ntown,post,road,50,2,free\npost,origin,sea,50,2,service\n";
    let mut case = case(routes, group(1, 0));
    let table = "from,to,mode,persons_per_day,assistance\npost,origin,sea,100,1\n";
    case.more = vec![
        ("strategies/seats.csv", table.into()),
        ("policies.csv", "rule,from,to,groups\nclosed,post,origin,all\n".into()),
    ];
    let corridor =
        "[[intervention]]\nlever = \"corridor\"\nplaces = [\"post\", \"origin\"]\nshare = 0\nstart = 2030-01-05\n";
    let carried = |more: &str| -> u32 {
        let outcome = case.run(&format!("{SEATS}{more}"));
        outcome.days.iter().map(|c| c.assisted[0]).sum()
    };
    assert_eq!((carried(""), carried(corridor)), (0, 100 * (DAYS - 4)));
}

#[test]
fn what_is_decided_before_the_crisis_begins_its_delay_then() {
    let mut case = case(WAY_HOME, group(0, 500));
    case.more = vec![("policies.csv", "rule,from,to,groups\ndocuments,post,origin,all\n".into())];
    let begun = |start: &str| {
        let waiver = "[[intervention]]\nlever = \"waiver\"\nplaces = \"post\"\ndelay_days = 5\n";
        let outcome = case.run(&format!("{waiver}start = {start}\n"));
        outcome.days.iter().position(|c| c.present_at(1) < 1000)
    };
    assert_eq!((begun("2030-01-01"), begun("2029-12-29")), (Some(5), Some(2)));
}

#[test]
fn a_family_that_needs_more_than_a_days_seats_does_not_bar_the_way() {
    let groups = "id,aim,home,party_size,child_share,documents,money_usd\nG,home,origin,4,0.5,0,0\n";
    let mut case = case(ROUTES, groups.into());
    case.more = vec![("strategies/seats.csv", "from,to,mode,persons_per_day\npost,HOME,air,2\n".into())];
    // Two a day, less what has been kept for a party of up to eight.
    let gone = 1000 - waiting(&case.run(SEATS))[DAYS as usize - 1];
    assert!((2 * DAYS - 7..=2 * DAYS).contains(&gone), "{gone}");
    let served: u32 = case.run(&documents(2)).days.iter().map(|c| c.served[0]).sum();
    assert!((2 * DAYS - 7..=2 * DAYS).contains(&served), "{served}");
}
