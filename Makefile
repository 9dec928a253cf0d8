.PHONY: quick test lint bench compare demo

# Vet, the linter and the fast tests: what to run before a commit.
quick:
	go vet ./...
	.ci/lint
	go test -short ./...

# Passes every test once, and names those that were skipped and why; with the race detector if RACE=1. It leaves out
# SQLite itself, which is C made into Go: the detector would make that five times slower, and sees nothing of ours in it.
# No package with generic code may be left out: the linker would take its copy of what others use too. Few tests run
# at once, since those with several processes fail on a machine that is too busy.
RACE_FLAGS = -parallel 3 -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/memory=-race=false
test:
	go tool gotestsum --format pkgname -- -timeout 25m $(if $(RACE),$(RACE_FLAGS)) ./...

# The linter, and the limits of .ci/allow.txt.
lint:
	.ci/lint

bench:
	go test -run '^$$' -bench . ./...

# The benchmarks of two revisions side by side: of BASE and of the files as they are, in turn, so that a machine that is
# busier for a while is so for both. make compare BASE=HEAD~3 PACKAGES=./sql BENCH=Run ROUNDS=10
PACKAGES ?= ./highhelp ./reconcile ./sql ./reports
BENCH ?= .
BENCHTIME ?= 1s
ROUNDS ?= 6
BENCHSTAT = golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
compare:
	@test -n "$(BASE)" || { echo "say with which revision: make compare BASE=HEAD~1" >&2; exit 2; }
	@set -e; dir=$$(mktemp -d); \
	trap 'git worktree remove --force '$$dir'/base; rm -rf '$$dir EXIT; trap 'exit 1' INT TERM; \
	git worktree add --quiet --detach $$dir/base $(BASE); \
	for p in $(PACKAGES); do \
		go test -c -o $$dir/$$p/new $$p; (cd $$dir/base && go test -c -o $$dir/$$p/old $$p); \
	done; \
	for round in $$(seq $(ROUNDS)); do for p in $(PACKAGES); do \
		echo "round $$round of $(ROUNDS): $$p" >&2; \
		(cd $$dir/base/$$p && $$dir/$$p/old -test.run '^$$' -test.bench '$(BENCH)' -test.benchtime $(BENCHTIME)) >>$$dir/base.txt; \
		(cd $$p && $$dir/$$p/new -test.run '^$$' -test.bench '$(BENCH)' -test.benchtime $(BENCHTIME)) >>$$dir/now.txt; \
	done; done; \
	go run $(BENCHSTAT) $(BASE)=$$dir/base.txt now=$$dir/now.txt

demo:
	go run ./cmd/hhrecon demo
