.PHONY: quick test lint bench compare demo release

# Vet, the linter and the fast tests. Run this before a commit.
quick:
	go vet ./...
	.ci/lint
	go test -short ./...

# Runs every test and lists skipped tests with the reason. RACE=1 uses the race detector, except for SQLite, which is C
# translated to Go: with the detector it would be five times slower. Never exclude a package with generic code: the linker
# may use its copy in other packages. Few tests run in parallel, because tests with several processes fail on a busy
# machine.
RACE_FLAGS = -parallel 3 -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/memory=-race=false
test:
	go tool gotestsum --format pkgname -- -timeout 25m $(if $(RACE),$(RACE_FLAGS)) ./...

# The linter, and the limits of .ci/allow.txt.
lint:
	.ci/lint

bench:
	go test -run '^$$' -bench . ./...

# Compares the benchmarks of the revision BASE and of the current files. They run alternately, so the machine's load affects
# both: make compare BASE=HEAD~3 PACKAGES=./sql BENCH=Run ROUNDS=10
PACKAGES ?= ./highhelp ./reconcile ./sql ./reports
BENCH ?= .
BENCHTIME ?= 1s
ROUNDS ?= 6
BENCHSTAT = golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
compare:
	@test -n "$(BASE)" || { echo "set BASE to a revision: make compare BASE=HEAD~1" >&2; exit 2; }
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

# Binaries, SBOMs, Debian packages, image and checksums in dist/: make release VERSION=1.2.3
release:
	.ci/release "$(VERSION)"
