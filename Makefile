# ARGSS. `make run` tries it, `make test` proves it; neither needs more than Go.
# `make help` lists the rest.

GO         ?= go
BOARDS     ?= amd64 arm64 rpi
DATA       ?= run
IMPORT     ?=
TESTFLAGS  ?=
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null)
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
TEMPL       = github.com/a-h/templ/cmd/templ@v0.3.977

.PHONY: help run build image test check generate deps test-system lan bench-vip simulate bench-disks bench-copy bench-wiki twins bench bench-boot clean go-version

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## three boxes on this machine; DATA=folder keeps them there, IMPORT=folder brings Markdown in
	bin/run -boxd bin/boxd -data "$(DATA)" -import "$(IMPORT)"

build: go-version ## the programs, into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X github.com/argss/argss/appliance.version=$(VERSION)" -o bin/ ./appliance/boxd ./appliance/run ./vip/vipd

twins bench-boot: BOARDS = amd64
bench: BOARDS = amd64 arm64
twins: image ## two boxes under QEMU with pullable power (root); THIRD=1 adds the other city
	$(GO) run ./images/bench/twins $(if $(THIRD),-third)

bench: image ## the promises with real images under QEMU: about twenty minutes (root; make deps first)
	$(GO) test -tags system -count=1 -v -run '^TestBench' -timeout 60m ./images/bench -args -pulls $(or $(PULLS),20) -seed $(or $(SEED),1)

bench-boot: image ## power to the first page, median of BOOTS (root; make deps first)
	$(GO) test -tags system -count=1 -v -run '^TestBenchPowerToTheFirstPage' -timeout 60m ./images/bench -args -boots $(or $(BOOTS),5)

test: go-version ## everything that needs only Go
	$(GO) test $(TESTFLAGS) ./...

check: go-version ## what must hold before a commit: format, vet, staticcheck, generated files, modules, layout
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt'ed: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags system,bench ./...
	$(GO) run $(STATICCHECK) -tags system,bench ./...
	$(MAKE) generate
	@test -z "$$(git status --porcelain -- '*_templ.go')" || { git status --short -- '*_templ.go'; echo "generated files are not those of their sources: commit what make generate made"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) test ./appliance
	@mkdir -p bin; if $(GO) run $(GOVULNCHECK) -version >/dev/null 2>&1 && $(GO) run $(GOVULNCHECK) ./... >bin/vulnerabilities 2>&1; then \
		echo "govulncheck: nothing known"; \
	elif grep -q 'Your code is affected' bin/vulnerabilities 2>/dev/null; then cat bin/vulnerabilities; exit 1; \
	else echo "govulncheck: its database cannot be reached from here"; fi

generate: go-version ## pages from their templates
	$(GO) run $(TEMPL) generate -path wiki/web
	$(GO) run $(TEMPL) generate -path appliance

image: go-version ## firmware images into bin/; BOARDS=amd64 for one
	$(GO) run ./appliance/mkimage -out bin -version "$(VERSION)" -epoch "$$(git log -1 --format=%ct 2>/dev/null || echo 1)" $(BOARDS)

deps: ## Debian and npm packages of the other rungs
	.ci/deps

test-system: go-version ## the rungs that need real peers and clients (make deps first)
	node wiki/testdata/check.mjs
	$(GO) test $(TESTFLAGS) -tags system -run '^TestSystem' -timeout 20m ./...
	$(MAKE) image BOARDS="amd64 arm64"
	$(GO) test $(TESTFLAGS) -tags system -count=1 -run '^TestBench' -timeout 60m ./images/bench

lan: go-version ## the shared address among real kernels, ucarp and keepalived, in network namespaces (root)
	$(GO) test $(TESTFLAGS) -tags system -count=1 -run '^TestSystem' -timeout 10m ./vip/...

bench-disks: go-version ## a scrub beside sha256sum on the same files, and what the looks at the disks cost
	$(GO) run ./appliance/bench/disks $(BENCHFLAGS)

bench-copy: go-version ## saves, lag and joins beside what disk and line can do, and PouchDB (make deps first)
	$(GO) run ./appliance/bench/copy $(if $(wildcard node_modules/pouchdb),-pouch appliance/bench/join.mjs) $(BENCHFLAGS)

bench-vip: go-version ## what clients notice when the holder goes, beside keepalived and ucarp (root, ten minutes, a quiet machine)
	$(GO) test -tags system,bench -c -o bin/bench-vip ./vip/daemon
	cd vip/daemon && ../../bin/bench-vip -test.run '^TestBench' -test.parallel 6 -test.timeout 30m

simulate: go-version ## whole networks in virtual time: SEEDS=n storms from SEED, each LENGTH=10m; SEED=n TRACE=1 replays one
	$(GO) test -c -o bin/simulation ./appliance/simulation
	bin/simulation -test.run '^TestNothingAcknowledgedIsLostInAnyStorm$$' -test.timeout 0 -tell \
		-seeds $(or $(SEEDS),$(if $(SEED),1,20)) -seed $(or $(SEED),1) -length $(or $(LENGTH),10m) $(if $(TRACE),-trace)

clean: ## what was built; never what run/ keeps
	rm -rf bin

go-version:
	@$(GO) version >/dev/null 2>&1 || { echo "Go is not installed. README says how to get it (1.26 or newer)."; exit 1; }
	@$(GO) env GOVERSION | awk -F'[go.]+' '{ if ($$2 < 1 || ($$2 == 1 && $$3 < 26)) { print "Go 1.26 or newer is needed, this is " $$0 ". README says how to get it."; exit 1 } }'
