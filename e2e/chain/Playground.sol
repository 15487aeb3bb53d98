// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// What contracts do in all its ways, for comparing nodes: each function is one way to end, to write or to call.
contract Playground {
    struct Entry {
        uint64 at;
        address by;
        bytes note;
    }

    error Refused(uint256 code, address by, bytes detail);
    event Plain(uint256 value);
    event Indexed(uint256 indexed a, bytes32 indexed b, string indexed c, bytes data);
    event Anonymous(bytes32 indexed a) anonymous;

    uint256 public immutable made;
    uint256 public total;
    mapping(uint256 => uint256) public slots;
    Entry[] public entries;
    bytes public blob;

    constructor(uint256 seed) payable {
        require(seed % 5 != 4, "a seed that is refused");
        made = seed;
        slots[seed] = seed;
    }

    receive() external payable {
        total += msg.value;
        emit Plain(msg.value);
    }

    fallback(bytes calldata input) external payable returns (bytes memory) {
        return abi.encodePacked(keccak256(input), msg.value);
    }

    // ---- storage

    function set(uint256 slot, uint256 value) external returns (uint256 before) {
        before = slots[slot];
        slots[slot] = value;
    }

    /// Sets and clears: refunds.
    function churn(uint256 slot, uint256 rounds) external {
        for (uint256 i = 0; i < rounds; i++) {
            slots[slot + (i % 3)] = i % 2 == 0 ? i + 1 : 0;
        }
    }

    function note(bytes calldata text) external payable {
        entries.push(Entry(uint64(block.number), msg.sender, text));
        blob = text;
        total += msg.value;
    }

    function forget() external {
        entries.pop();
        delete blob;
    }

    function transient_(uint256 slot, uint256 value) external returns (uint256 seen) {
        assembly {
            tstore(slot, value)
        }
        try this.look(slot) returns (uint256 found) {
            seen = found;
        } catch {
            seen = type(uint256).max;
        }
        slots[slot] = seen;
    }

    function look(uint256 slot) external view returns (uint256 found) {
        assembly {
            found := tload(slot)
        }
    }

    // ---- logs

    function log(uint256 kind, uint256 value, bytes calldata data) external {
        if (kind % 3 == 0) emit Plain(value);
        else if (kind % 3 == 1) emit Indexed(value, keccak256(data), string(data), data);
        else emit Anonymous(bytes32(value));
    }

    // ---- ends

    function fail(uint256 kind, uint256 code, bytes calldata detail) external payable {
        slots[code] = kind;
        emit Plain(kind);
        if (kind % 9 == 0) revert Refused(code, msg.sender, detail);
        if (kind % 9 == 1) revert(string(detail));
        if (kind % 9 == 2) revert();
        if (kind % 9 == 3) assert(code > type(uint256).max - 1);
        if (kind % 9 == 4) total = code / (kind - kind);
        if (kind % 9 == 5) entries[entries.length + code % 7].at = 1;
        if (kind % 9 == 6) total = uint256(uint8(code)) - 256;
        if (kind % 9 == 7) {
            assembly {
                invalid()
            }
        }
        while (true) total++;
    }

    function die(address payable heir) external {
        selfdestruct(heir);
    }

    // ---- calls

    function relay(uint256 kind, address to, uint256 gas_, uint256 value, bytes calldata input)
        external
        payable
        returns (bool ok, bytes memory output)
    {
        if (kind % 4 == 0) (ok, output) = to.call{gas: gas_, value: value}(input);
        else if (kind % 4 == 1) (ok, output) = to.delegatecall{gas: gas_}(input);
        else if (kind % 4 == 2) (ok, output) = to.staticcall{gas: gas_}(input);
        else {
            (ok, output) = to.call{value: value}(input);
            if (!ok) {
                assembly {
                    revert(add(output, 32), mload(output))
                }
            }
        }
        slots[uint256(keccak256(output)) % 16] = output.length;
        total = gasleft();
    }

    function deep(uint256 levels) external returns (uint256) {
        if (levels == 0) return gasleft();
        slots[levels % 4] = levels;
        try this.deep(levels - 1) returns (uint256 left) {
            return left;
        } catch {
            return levels;
        }
    }

    // ---- creations

    function child(uint256 kind, uint256 seed, bytes32 salt) external payable returns (address at) {
        if (kind % 3 == 0) at = address(new Child{value: msg.value}(seed));
        else if (kind % 3 == 1) at = address(new Child{salt: salt, value: msg.value}(seed));
        else {
            try new Child{salt: salt}(seed) returns (Child made_) {
                at = address(made_);
            } catch (bytes memory reason) {
                blob = reason;
            }
        }
        slots[1] = uint160(at);
    }

    /// Made, used and destroyed within one transaction: with EIP-6780 it goes.
    function mayfly(bytes32 salt, address payable heir) external payable {
        Child made_ = new Child{salt: salt, value: msg.value}(2);
        made_.end(heir);
        total += address(made_).code.length;
    }

    function raw(bytes calldata init, uint256 value, bytes32 salt) external payable returns (address one, address two) {
        bytes memory code = init;
        assembly {
            one := create(value, add(code, 32), mload(code))
            two := create2(0, add(code, 32), mload(code), salt)
        }
        slots[2] = uint160(one);
        slots[3] = uint160(two);
    }

    // ---- what is known of the world

    function world(address who) external returns (bytes32 digest) {
        digest = keccak256(
            abi.encode(
                block.number, block.timestamp, block.basefee, block.gaslimit, block.chainid, block.coinbase,
                who.balance, who.codehash, who.code.length, tx.origin, tx.gasprice, address(this).balance, msg.sig
            )
        );
        slots[4] = uint256(digest);
    }

    function precompile(uint256 which, bytes calldata input) external returns (bool ok, bytes memory output) {
        (ok, output) = address(uint160(which % 12)).staticcall{gas: 200_000}(input);
        blob = output;
        slots[5] = gasleft();
    }

    function memories(uint256 size, uint256 from, uint256 to, uint256 length) external returns (bytes32 digest) {
        bytes memory space = new bytes(size);
        for (uint256 i = 0; i < size; i += 32) {
            assembly {
                mstore(add(add(space, 32), i), mul(i, 0x9e3779b97f4a7c15))
            }
        }
        assembly {
            mcopy(add(add(space, 32), to), add(add(space, 32), from), length)
            digest := keccak256(add(space, 32), size)
        }
        slots[6] = uint256(digest);
    }
}

contract Child {
    uint256 public seed;

    constructor(uint256 seed_) payable {
        if (seed_ % 4 == 3) revert Playground.Refused(seed_, msg.sender, "");
        seed = seed_;
    }

    function end(address payable heir) external {
        selfdestruct(heir);
    }
}
