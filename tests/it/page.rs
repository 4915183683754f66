//! The page of the report, as a browser shows it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::house::{judged, program, root};

/// What a browser made of a page.
struct Shown {
    /// The document when its scripts had come to rest.
    document: String,
    /// Lines of its console.
    console: Vec<String>,
}

/// Opens a page in Chromium.
fn open(page: &str, flags: &[&str]) -> Shown {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
    let profile = tempdir().unwrap();
    let output = Command::new(&browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(flags)
        .arg(page)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "cannot start `{browser}` ({error}): `apt-get install chromium`, or set CHROMIUM to a Chrome or Chromium"
        )
    });
    let document = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !document.is_empty(), "{browser} failed: {errors}");
    let console = errors.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned);
    Shown { document, console: console.collect() }
}

/// A copy of the committed page, with a script behind it, beside links to the folders of results.
fn copy(script: &str) -> (TempDir, String) {
    let folder = tempdir().unwrap();
    for name in judged() {
        let results = root().join("results").join(&name);
        std::os::unix::fs::symlink(results, folder.path().join(name)).unwrap();
    }
    let page = fs_err::read_to_string(root().join("results/index.html")).unwrap();
    let page =
        page.replace("</body>", &format!("<script type=\"module\">{script}</script></body>"));
    let path = folder.path().join("index.html");
    fs_err::write(&path, page).unwrap();
    (folder, format!("file://{}", path.display()))
}

/// The claims of the committed results, by experiment.
fn claims() -> Vec<(String, Value)> {
    let of = |name: String| {
        let path = root().join("results").join(&name).join("claims.json");
        let claims: Vec<Value> = serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap();
        claims.into_iter().map(move |claim| (name.clone(), claim))
    };
    judged().into_iter().flat_map(of).collect()
}

/// The page is what `report` makes of the committed tables, in another folder too.
#[test]
fn the_committed_page_is_what_report_writes() {
    fn copy_folder(from: &Path, to: &Path) {
        fs_err::create_dir(to).unwrap();
        for entry in fs_err::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy_folder(&entry.path(), &to);
            } else {
                fs_err::copy(entry.path(), to).unwrap();
            }
        }
    }
    let copy = tempdir().unwrap();
    for name in judged() {
        copy_folder(&root().join("results").join(&name), &copy.path().join(&name));
    }
    let mut report = program("vae_gan");
    report.arg("report").args(
        ["--out", "--reference"]
            .into_iter()
            .flat_map(|flag| [PathBuf::from(flag), copy.path().to_owned()]),
    );
    report.assert().success();
    for file in ["index.html", "README.md"] {
        let [own, committed] = [copy.path(), &root().join("results")]
            .map(|folder| fs_err::read_to_string(folder.join(file)).unwrap());
        assert!(own == committed, "results/{file} is stale: run `make report`");
    }
}

/// Filters, search, links and permanent links, and nothing that the browser complains of.
#[test]
fn filters_and_links_work() {
    let (_folder, page) = copy(
        r##"
        const form = document.getElementById("filters");
        const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
        const count = () => [...document.querySelectorAll("article")].filter((claim) => claim.offsetParent).length;
        const choose = async (fields) => {
            form.querySelector("button").click();
            await pause();
            for (const [name, value] of Object.entries(fields)) {
                form.elements[name].value = value;
                form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
            }
            return [count(), form.querySelector("output").value, location.search];
        };
        const seen = {};
        seen.all = await choose({});
        seen.contradicted = await choose({ verdict: "contradicted" });
        seen.published = await choose({ kind: "published", verdict: "not-tested" });
        seen.memory = await choose({ seen: "from memory" });
        seen.experiment = await choose({ experiment: "mog_collapse" });
        seen.parts = [...document.querySelectorAll(".experiment")].filter((part) => part.offsetParent).length;
        seen.profile = await choose({ profile: "reference" });
        seen.searched = await choose({ q: "UNROLLED-10 covers" });
        seen.nothing = await choose({ q: "no claim says this" });
        const link = document.querySelector('.forest a[href="#mog.C1"]');
        link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
        await pause();
        const body = document.getElementById("mog.C1");
        const image = body.querySelector("img");
        if (!image.complete) await new Promise((resolve) => { image.onload = image.onerror = resolve; });
        const claim = body.closest("article");
        seen.opened = [location.hash, body.offsetParent !== null, image.naturalWidth > 0];
        // Below the bar of filters, and with the keyboard on it.
        seen.below = claim.getBoundingClientRect().top >= form.getBoundingClientRect().bottom - 1;
        seen.focus = document.activeElement === claim.querySelector("summary");
        const links = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
        seen.broken = links.filter((to) => to.startsWith("#") && !document.getElementById(to.slice(1)));
        seen.files = links.filter((to) => !to.startsWith("#") && !to.startsWith("?"));
        seen.unnamed = [...form.elements].filter((field) => field.name && !field.labels.length).length
            + [...document.images].filter((image) => !image.alt).length;
        seen.network = [...document.querySelectorAll("[src],[href]")].filter((element) =>
            /^(https?:)?\/\//.test(element.getAttribute("src") ?? element.getAttribute("href"))).length;
        document.body.textContent = JSON.stringify(seen);
        "##,
    );
    let shown = open(&page, &[]);
    assert_eq!(shown.console, [""; 0]);
    let (start, end) = (shown.document.find('{').unwrap(), shown.document.rfind('}').unwrap());
    let body = &shown.document[shown.document.find("<body>").unwrap_or(start)..=end];
    let text = body[body.find('{').unwrap()..].replace("&amp;", "&");
    let seen: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));

    let all = claims();
    let count = |is: &dyn Fn(&str, &Value) -> bool| {
        all.iter().filter(|(name, claim)| is(name, claim)).count()
    };
    let expect = |key: &str, shown: usize, address: &str| {
        let words = format!("{shown} of {} claims", all.len());
        assert_eq!(seen[key], json!([shown, words, address]), "{key}");
    };
    expect("all", all.len(), "");
    let contradicted = count(&|_, claim| claim["verdict"] == "contradicted");
    expect("contradicted", contradicted, "?verdict=contradicted");
    let untested = count(&|_, claim| {
        claim["verdict"] == "not_tested" && claim["basis"]["kind"] == "published"
    });
    expect("published", untested, "?verdict=not-tested&kind=published");
    let remembered = count(&|_, claim| claim["basis"]["seen"] == "remembered");
    expect("memory", remembered, "?seen=from+memory");
    expect("experiment", count(&|name, _| name == "mog_collapse"), "?experiment=mog_collapse");
    assert_eq!(seen["parts"], 1);
    expect("profile", all.len(), "?profile=reference");
    assert!(seen["searched"][0].as_u64().unwrap() > 0);
    expect("nothing", 0, "?q=no+claim+says+this");
    assert_eq!(seen["opened"], json!(["#mog.C1", true, true]));
    assert_eq!((&seen["below"], &seen["focus"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&seen["broken"], &seen["unnamed"], &seen["network"]),
        (&json!([]), &json!(0), &json!(0))
    );
    for file in seen["files"].as_array().unwrap() {
        assert!(root().join("results").join(file.as_str().unwrap()).exists(), "no {file}");
    }
}

/// The address alone opens a claim and sets the filters.
#[test]
fn an_address_names_a_claim_or_a_filter() {
    let (_folder, page) = copy(
        r#"document.body.textContent = JSON.stringify([
            document.getElementById("mog.C1").closest("details").open,
            document.getElementById("mog.C1b").closest("details").open,
            document.getElementById("mog.C1b").closest("article").hidden,
            document.documentElement.scrollWidth <= innerWidth,
        ]);"#,
    );
    for (address, expected) in [
        ("#mog.C1", "[true,false,false,true]"),
        ("?kind=derived#mog.C1", "[true,false,false,true]"),
        ("?kind=derived", "[false,false,true,true]"),
    ] {
        // As narrow as the browser's windows get: nothing lies beyond the edge.
        let shown = open(&format!("{page}{address}"), &["--window-size=390,844"]);
        assert!(shown.document.contains(expected), "{address}: {}", shown.document);
        assert_eq!(shown.console, [""; 0], "{address}");
    }
}

/// Without scripts every claim stands in a list, and there is nothing to press that does nothing: all is in the file,
/// and what needs a script is hidden until one shows it.
#[test]
fn without_scripts_it_is_a_list() {
    let page = fs_err::read_to_string(root().join("results/index.html")).unwrap();
    assert!(page.contains(r#"<form id="filters" hidden"#));
    assert_eq!(page.matches("<button").count(), 1);
    for (_, claim) in claims() {
        assert!(page.contains(&format!(r#"id="{}""#, claim["id"].as_str().unwrap())), "{claim}");
    }
}

/// What the other tests ask for is seen by them: a page that throws fills the console.
#[test]
fn complaints_of_a_page_are_seen() {
    let (_folder, page) = copy("throw new Error('on purpose');");
    let console = open(&page, &[]).console;
    assert!(console.iter().any(|line| line.contains("on purpose")), "{console:?}");
}
