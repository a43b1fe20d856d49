module github.com/argss/argss

go 1.25.0

require (
	github.com/a-h/templ v0.3.977 // pages as typed components; its generator checks the HTML at build time
	github.com/google/go-cmp v0.7.0 // tests: one readable difference per failure
	github.com/klauspost/compress v1.20.3 // zstd bodies between boxes
	github.com/tidwall/btree v1.8.2 // ordered memory table over the on-disk index
	github.com/vishvananda/netlink v1.3.1 // interfaces and addresses, where a wrong byte costs the network
	github.com/yuin/goldmark v1.8.7 // CommonMark and GFM
	go.etcd.io/bbolt v1.5.0 // the index of a store, rebuilt from its log at any time
	golang.org/x/sync v0.20.0 // errgroup
	golang.org/x/sys v0.45.0 // parent-death signal, statfs, socket options
)

require (
	github.com/anchore/go-lzo v0.1.0 // indirect
	github.com/diskfs/go-diskfs v1.9.4 // indirect
	github.com/djherbis/times v1.6.0 // indirect
	github.com/elliotwutingfeng/asciiset v0.0.0-20260129054604-cfde2086bc57 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.26 // indirect
	github.com/pkg/xattr v0.4.12 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	github.com/ulikunitz/xz v0.5.15 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
)
