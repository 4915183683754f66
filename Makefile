# Two commands do everything: `make reproduce-all` and `make test`. `make help` lists the others.

# Every folder with a program.
EXPERIMENTS := $(sort $(patsubst experiments/%/main.rs,%,$(wildcard experiments/*/main.rs)))
# Those of them that have committed results.
JUDGED := $(sort $(patsubst results/%/manifest.json,%,$(wildcard results/*/manifest.json)))
EXP ?= mog_collapse
PROFILE ?= quick
# Where a reproduction goes; `results` is the committed reference.
OUT ?= reproduction
# Where parts of the reference lie until an experiment's is whole.
SWEEP ?= sweeps
FLAGS ?=

export OMP_NUM_THREADS := 1
# Pages cost more to clear than they save: no huge ones, and freed ones are kept for a second (tools/throughput/README.md).
# Changes no number.
export MIMALLOC_ALLOW_THP := 0
export MIMALLOC_PURGE_DELAY := 1000
CARGO := cargo
BIN := target/release
# One feature set and one profile for programs, tests and benches, so that nothing is built twice.
# `check` holds Cargo.lock fixed; here a new folder may add its line.
BUILD := $(CARGO) build --release --workspace --all-targets

.PHONY: help known named drills setup setup-libtorch build reproduce-all try run score smoke sweep rules report figures verify test test-slurm check docs bench bench-peers clean

help: ## List the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

setup: ## Fetch libtorch, the image data and the crates once; offline afterwards
	python3 scripts/setup.py
	$(CARGO) fetch --locked --quiet

setup-libtorch:
	python3 scripts/setup.py libtorch

build: setup-libtorch ## Build programs, tests and benches
	$(BUILD)

reproduce-all: setup build ## Run every experiment (PROFILE=quick) into OUT=reproduction and compare with results/
	@set -e; total=0; times=; \
	for exp in $(EXPERIMENTS); do \
		seconds=$$($(BIN)/$$exp run --profile $(PROFILE) --out $(OUT) $(FLAGS) --how-long); \
		times="$$times $$seconds"; total=$$((total + seconds)); \
	done; \
	before=0; set -- $$times; \
	for exp in $(EXPERIMENTS); do \
		among=$$before/$$((total - before - $$1)); \
		$(BIN)/$$exp run --profile $(PROFILE) --out $(OUT) $(FLAGS) --among $$among; \
		before=$$((before + $$1)); shift; \
	done
	@echo "The report is $(OUT)/index.html, the scoreboard $(OUT)/README.md"

try: setup build ## Train ten small GANs in two minutes, half of them with look-ahead, into local/try
	$(BIN)/mog_collapse run --profile quick --arm ring/plain --arm ring/unrolled-10 --seeds 0..5 --out local/try

run: known setup build ## Run one experiment: make run EXP=mog_collapse PROFILE=quick OUT=reproduction
	$(BIN)/$(EXP) run --profile $(PROFILE) --out $(OUT) $(FLAGS)

known:
	@case " $(EXPERIMENTS) " in *" $(EXP) "*) ;; \
	*) echo "make: no experiment is called $(EXP): there are $(EXPERIMENTS)" >&2; exit 2;; esac

score: named build ## Score a folder of pictures against another: make score REAL=photos FAKE=generated
	python3 scripts/setup.py inception
	$(BIN)/score --real "$(REAL)" --fake "$(FAKE)" --features inception $(FLAGS)

named:
	@test -n "$(REAL)" && test -n "$(FAKE)" || { echo "make: say whose pictures: make score REAL=photos FAKE=generated" >&2; exit 2; }

smoke: setup build ## Run every line of every experiment in seconds, into local/smoke
	for exp in $(EXPERIMENTS); do $(BIN)/$$exp run --profile smoke --out local/smoke $(FLAGS) || exit $$?; done

sweep: known setup build ## Train the reference in the background: make sweep EXP=mog_collapse (hours to days; goes on where it stopped)
	nice -n 19 $(BIN)/$(EXP) run --profile reference $(if $(wildcard results/$(EXP)),--from results) --out $(SWEEP) $(FLAGS)

rules: build ## Compare the rules of all claims with the recorded ones; WHY=... records those that changed
	for exp in $(EXPERIMENTS); do $(BIN)/$$exp rules --readme experiments/$$exp/README.md $(if $(WHY),--record "$(WHY)") > /dev/null || exit $$?; done

report: build ## Judge and draw the committed results again, READMEs included; train nothing
	for exp in $(JUDGED); do $(BIN)/$$exp report --out results --readme experiments/$$exp/README.md || exit $$?; done

figures: report ## The same: figures from stored results

verify: setup build ## Check the committed results: hashes, identities, some cells trained again
	for exp in $(JUDGED); do $(BIN)/$$exp verify --out results $(FLAGS) || exit $$?; done

test: setup build ## Set up what tests need and run all tests
	$(CARGO) test --release --workspace --all-targets
	LD_LIBRARY_PATH="$${LIBTORCH:-$(CURDIR)/.deps/libtorch}/lib:$$LD_LIBRARY_PATH" $(CARGO) test --release --workspace --doc

drills: build setup ## Hurt two hundred sweeps by chance: kills, interrupts, damages, full disks
	DRILLS=200 $(CARGO) test --release --workspace --all-targets hurt_sweeps -- --nocapture

test-slurm: build ## Start Debian's Slurm here (as root), run an array job, compare its tables
	scripts/slurm/test.sh

check: setup-libtorch ## Formatting, lints and documentation, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps --locked

docs: setup-libtorch ## Write the documentation of every crate to target/doc
	$(CARGO) doc --release --workspace --no-deps --locked
	@echo "Open target/doc/gan/index.html"

bench: build ## Time the steps of training
	$(CARGO) bench --profile release --workspace --locked

bench-peers: build ## Compare with PyTorch and JAX (needs Python with torch and jax)
	python3 scripts/reference/bench_peers.py

clean: ## Remove builds and local runs; keep libtorch, data and committed results
	$(CARGO) clean
	rm -rf local reproduction
