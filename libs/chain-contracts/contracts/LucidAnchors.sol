// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProofs} from "./MerkleProofs.sol";

/**
 * Anchors of sessions: what this contract holds was there at the time of its block, and is never changed.
 *
 * It has no constructor, owner or parameters, so that it can stand in a genesis. One word of storage is written for a session,
 * a batch or a chunk; everything else is in events.
 *
 * Anybody may register. A session's identifier belongs to who registers it first, so it should not be known before; who
 * reads an anchor compares all of its fields with the manifest. The batch form has no such race: its root covers the fields.
 */
contract LucidAnchors {
    /** What is anchored of a session. `startedAt` is in seconds since 1970. */
    struct Registration {
        bytes32 sessionId;
        bytes32 manifestHash;
        uint64 startedAt;
        address owner;
        bytes32 merkleRoot;
        uint32 chunkCount;
    }

    /** How many sessions a batch holds, and the block that holds the batch. */
    struct Batch {
        uint32 count;
        uint64 blockNumber;
    }

    event SessionRegistered(
        bytes32 indexed sessionId,
        bytes32 manifestHash,
        uint64 startedAt,
        address indexed owner,
        bytes32 merkleRoot,
        uint32 chunkCount
    );
    event SessionsRegistered(bytes32 indexed root, uint32 count);
    event ChunkAnchored(bytes32 indexed sessionId, uint32 indexed index, bytes32 hash);

    error ZeroSessionId();
    error ZeroManifestHash();
    error ZeroOwner();
    error ZeroMerkleRoot();
    error ZeroCount();
    error ZeroHash();
    error SessionAlreadyRegistered(bytes32 sessionId);
    error RootAlreadyRegistered(bytes32 root);
    error ChunkAlreadyAnchored(bytes32 sessionId, uint32 index);

    mapping(bytes32 sessionId => bytes32) private _leaves;
    mapping(bytes32 root => Batch) private _batches;
    mapping(bytes32 sessionId => mapping(uint32 index => bytes32)) private _chunks;

    /** Anchors one session, once. A session without chunks has `chunkCount` 0 and the root of the empty tree. */
    function registerSession(
        bytes32 sessionId,
        bytes32 manifestHash,
        uint64 startedAt,
        address owner,
        bytes32 merkleRoot,
        uint32 chunkCount
    ) external {
        if (sessionId == 0) revert ZeroSessionId();
        if (manifestHash == 0) revert ZeroManifestHash();
        if (owner == address(0)) revert ZeroOwner();
        if (merkleRoot == 0) revert ZeroMerkleRoot();
        if (_leaves[sessionId] != 0) revert SessionAlreadyRegistered(sessionId);
        _leaves[sessionId] = MerkleProofs.hashLeaf(
            abi.encode(sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount)
        );
        emit SessionRegistered(sessionId, manifestHash, startedAt, owner, merkleRoot, chunkCount);
    }

    /** Anchors `count` sessions by the root of the RFC 9162 tree over their leaves (`leafHash`), once per root. */
    function registerSessions(bytes32 root, uint32 count) external {
        if (root == 0) revert ZeroMerkleRoot();
        if (count == 0) revert ZeroCount();
        if (_batches[root].count != 0) revert RootAlreadyRegistered(root);
        _batches[root] = Batch(count, uint64(block.number));
        emit SessionsRegistered(root, count);
    }

    /** Anchors the hash of one chunk while its session runs, once per session and index. */
    function anchorChunk(bytes32 sessionId, uint32 index, bytes32 hash) external {
        if (sessionId == 0) revert ZeroSessionId();
        if (hash == 0) revert ZeroHash();
        if (_chunks[sessionId][index] != 0) revert ChunkAlreadyAnchored(sessionId, index);
        _chunks[sessionId][index] = hash;
        emit ChunkAnchored(sessionId, index, hash);
    }

    /** Whether `registration` is leaf `index` of the batch registered under `root`. False also where there is no such batch. */
    function verifyRegistration(
        bytes32 root,
        Registration calldata registration,
        uint32 index,
        bytes32[] calldata path
    ) external view returns (bool) {
        return MerkleProofs.verifyInclusion(root, _batches[root].count, index, leafHash(registration), path);
    }

    /** Whether exactly these values were registered by `registerSession`. */
    function isRegistered(Registration calldata registration) external view returns (bool) {
        return _leaves[registration.sessionId] == leafHash(registration);
    }

    /** The leaf hash of what `registerSession` was given for the session; zero where it was not. */
    function registrationOf(bytes32 sessionId) external view returns (bytes32) {
        return _leaves[sessionId];
    }

    /** Size and block of a batch; zeros where the root is not registered. */
    function batchOf(bytes32 root) external view returns (Batch memory) {
        return _batches[root];
    }

    /** The anchored hash of a chunk; zero where there is none. */
    function chunkOf(bytes32 sessionId, uint32 index) external view returns (bytes32) {
        return _chunks[sessionId][index];
    }

    /** SHA-256(0x00 || abi.encode(fields)): 192 bytes of fields in their order. */
    function leafHash(Registration calldata registration) public pure returns (bytes32) {
        return MerkleProofs.hashLeaf(abi.encode(registration));
    }
}
