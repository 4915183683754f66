//! Bytes without identity: what is read back is what was written, and belongs where it lies.

use tempfile::tempdir;

use super::{
    LONG, NAME, SEVERAL, UNHURT, command, files, folder, killed_with_a_checkpoint, run, runs, text,
};
use crate::house::tables;

fn flip(path: &std::path::Path, share: f64) {
    let mut bytes = fs_err::read(path).unwrap();
    let place = ((bytes.len() - 1) as f64 * share) as usize;
    bytes[place] ^= 0x10;
    fs_err::write(path, bytes).unwrap();
}

/// From the header through the weights to the last byte.
#[test]
fn a_flipped_bit_in_a_checkpoint_is_not_trained_on() {
    let out = tempdir().unwrap();
    killed_with_a_checkpoint(out.path());
    let path = files(out.path(), "checkpoints", ".safetensors").swap_remove(0);
    let whole = fs_err::read(&path).unwrap();
    for share in [0.0, 0.02, 0.3, 0.6, 0.9, 1.0] {
        let again = tempdir().unwrap();
        let copy = folder(again.path()).join("checkpoints").join(path.file_name().unwrap());
        fs_err::create_dir_all(copy.parent().unwrap()).unwrap();
        fs_err::write(&copy, &whole).unwrap();
        flip(&copy, share);
        let ended = run(again.path(), &LONG);
        assert!(ended.status.success(), "{}", text(&ended));
        assert!(text(&ended).contains("starting the cell afresh"), "{}", text(&ended));
        assert_eq!(files(again.path(), "set-aside", ".safetensors").len(), 1);
        assert_eq!(tables(again.path(), NAME), UNHURT.long);
    }
}

/// Flipped, cut, empty, or the record of another seed: said in one line, kept aside, trained again.
#[test]
fn a_record_that_is_not_what_its_name_says_is_trained_again() {
    let out = tempdir().unwrap();
    assert!(run(out.path(), &SEVERAL).status.success());
    let shards = files(out.path(), "shards", ".json");
    let arrays = files(out.path(), "shards", ".safetensors");
    let whole = fs_err::read(&shards[3]).unwrap();
    flip(&shards[0], 0.5);
    fs_err::write(&shards[1], b"").unwrap();
    fs_err::write(&shards[2], &whole).unwrap();
    fs_err::write(&shards[3], &whole[..whole.len() / 2]).unwrap();
    flip(&arrays[arrays.len() - 1], 0.7);
    for table in ["runs.parquet", "traces.parquet", "samples.safetensors", "manifest.json"] {
        fs_err::remove_file(folder(out.path()).join(table)).unwrap();
    }
    let ended = run(out.path(), &SEVERAL);
    assert!(ended.status.success(), "{}", text(&ended));
    let said = text(&ended);
    assert_eq!(said.matches("kept in set-aside/").count(), 5, "{said}");
    assert_eq!(said.matches("is damaged").count(), 4, "{said}");
    assert!(said.contains("is the record of another run than its name says"), "{said}");
    assert_eq!(tables(out.path(), NAME), UNHURT.several);
}

/// Tables and manifest: no verb believes an altered one.
#[test]
fn altered_tables_are_refused() {
    let out = tempdir().unwrap();
    assert!(run(out.path(), &SEVERAL).status.success());
    for name in ["runs.parquet", "traces.parquet", "samples.safetensors", "manifest.json"] {
        let path = folder(out.path()).join(name);
        let whole = fs_err::read(&path).unwrap();
        flip(&path, 0.5);
        for verb in ["run", "list", "report", "verify"] {
            let ended = command(verb, out.path()).output().unwrap();
            let code = if verb == "verify" && name != "manifest.json" { 4 } else { 1 };
            assert_eq!(ended.status.code(), Some(code), "{verb} {name}: {}", text(&ended));
            assert!(text(&ended).contains(name), "{verb}: {}", text(&ended));
        }
        fs_err::write(&path, whole).unwrap();
    }
    assert!(command("verify", out.path()).output().unwrap().status.success());
}

/// A record of a newer version is kept aside whole, and its cell trains.
#[test]
fn records_of_a_newer_version_are_never_overwritten() {
    let out = tempdir().unwrap();
    assert!(run(out.path(), &SEVERAL).status.success());
    let shards = files(out.path(), "shards", ".json");
    let newer: Vec<Vec<u8>> = shards
        .iter()
        .map(|path| {
            let record = fs_err::read_to_string(path).unwrap();
            let epoch = record.find("\"epoch\":").unwrap();
            let newer =
                format!("{}\"new_field\":1,\"epoch\":9{}", &record[..epoch], &record[epoch + 8..]);
            fs_err::write(path, &newer).unwrap();
            newer.into_bytes()
        })
        .collect();
    for table in ["runs.parquet", "traces.parquet", "samples.safetensors", "manifest.json"] {
        fs_err::remove_file(folder(out.path()).join(table)).unwrap();
    }
    assert!(run(out.path(), &SEVERAL).status.success());
    assert_eq!(tables(out.path(), NAME), UNHURT.several);
    let mut aside: Vec<Vec<u8>> = files(out.path(), "set-aside", ".json")
        .iter()
        .map(|path| fs_err::read(path).unwrap())
        .collect();
    let mut newer = newer;
    aside.sort();
    newer.sort();
    assert_eq!(aside, newer);
}

/// A sweep goes on from its tables alone, as on another machine.
#[test]
fn rows_of_the_tables_are_done() {
    let out = tempdir().unwrap();
    assert!(run(out.path(), &SEVERAL).status.success());
    let before = runs(out.path());
    fs_err::remove_dir_all(folder(out.path()).join("shards")).unwrap();
    let again = run(out.path(), &SEVERAL);
    assert!(text(&again).contains("nothing to train"), "{}", text(&again));
    let more = run(out.path(), &["--only", "target=grid", "--set", "steps=401"]);
    assert!(more.status.success(), "{}", text(&more));
    assert_eq!(runs(out.path())["finished"], 2 * before["finished"]);
}
