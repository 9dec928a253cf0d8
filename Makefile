.PHONY: test race lint bench demo

# Passes every test, and names those that were skipped and why.
test:
	go tool gotestsum --format pkgname -- -timeout 20m ./...

race:
	go tool gotestsum --format pkgname -- -race -timeout 25m ./...

lint:
	golangci-lint run

bench:
	go test -run '^$$' -bench . ./...

demo:
	go run ./cmd/hhrecon demo
