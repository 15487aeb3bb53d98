// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProofs} from "./MerkleProofs.sol";

/**
 * Where the chunks of sessions are kept, as their uploaders say it: metadata in events, and one commitment over them.
 *
 * A list belongs to (uploader, session), so that nobody can write into, or take, another's. Chunks are listed in the order of
 * their indexes. The commitment is the RFC 9162 tree over the leaves
 *
 *   SHA-256(0x00 || abi.encode(sessionId, index, cipherHash, sizeBytes))
 *
 * of which the contract keeps the frontier: slot k holds the root of the full subtree of 2^k leaves where bit k of the count
 * is set. An append writes one slot of it and the list's own.
 *
 * It has no constructor, owner or parameters, so that it can stand in a genesis.
 */
contract LucidChunkStore {
    /** `total` is 0 where the number of chunks to come is not known. */
    struct List {
        uint32 stored;
        uint32 total;
        uint64 sizeBytes;
        uint64 updatedAt;
        bool complete;
    }

    enum Status {
        Stored,
        Replicated,
        Missing,
        Deleted
    }

    uint32 public constant MAX_CHUNK_SIZE = 16 * 1024 * 1024;
    uint32 public constant MAX_CHUNKS_PER_SESSION = 1 << 24;
    uint256 private constant LEVELS = 25;

    event ChunkStored(
        address indexed uploader,
        bytes32 indexed sessionId,
        uint32 indexed index,
        bytes32 cipherHash,
        uint32 sizeBytes
    );
    event ChunkStatusChanged(
        address indexed uploader,
        bytes32 indexed sessionId,
        uint32 indexed index,
        Status status
    );
    event SessionTotalChunks(address indexed uploader, bytes32 indexed sessionId, uint32 total);
    event SessionComplete(
        address indexed uploader,
        bytes32 indexed sessionId,
        bytes32 root,
        uint32 chunks,
        uint64 sizeBytes
    );

    error ZeroSessionId();
    error ZeroHash();
    error SizeOutOfBounds(uint32 sizeBytes);
    error IndexOutOfOrder(uint32 expected, uint32 given);
    error ChunkUnknown(uint32 index);
    error TotalOutOfBounds(uint32 total);
    error ListIsComplete();
    error ListIsEmpty();
    error ChunksMissing(uint32 stored, uint32 total);

    mapping(bytes32 key => List) private _lists;
    mapping(bytes32 key => bytes32[LEVELS]) private _frontiers;

    /** Lists the caller's next chunk. `index` must be the number of chunks listed so far. */
    function storeChunkMetadata(bytes32 sessionId, uint32 index, bytes32 cipherHash, uint32 sizeBytes) external {
        if (sessionId == 0) revert ZeroSessionId();
        if (cipherHash == 0) revert ZeroHash();
        if (sizeBytes == 0 || sizeBytes > MAX_CHUNK_SIZE) revert SizeOutOfBounds(sizeBytes);
        bytes32 key = _keyOf(msg.sender, sessionId);
        List memory list = _lists[key];
        if (list.complete) revert ListIsComplete();
        if (index != list.stored) revert IndexOutOfOrder(list.stored, index);
        uint32 limit = list.total == 0 ? MAX_CHUNKS_PER_SESSION : list.total;
        if (index >= limit) revert TotalOutOfBounds(limit);
        _append(_frontiers[key], index, _leafHash(sessionId, index, cipherHash, sizeBytes));
        list.stored = index + 1;
        list.sizeBytes += sizeBytes;
        list.updatedAt = uint64(block.timestamp);
        _lists[key] = list;
        emit ChunkStored(msg.sender, sessionId, index, cipherHash, sizeBytes);
    }

    /** Says how many chunks there will be: not fewer than are listed. */
    function updateSessionTotalChunks(bytes32 sessionId, uint32 total) external {
        if (sessionId == 0) revert ZeroSessionId();
        List storage list = _lists[_keyOf(msg.sender, sessionId)];
        if (list.complete) revert ListIsComplete();
        if (total == 0 || total < list.stored || total > MAX_CHUNKS_PER_SESSION) revert TotalOutOfBounds(total);
        list.total = total;
        emit SessionTotalChunks(msg.sender, sessionId, total);
    }

    /** Ends the caller's list; needs all chunks where their number was said. */
    function markSessionComplete(bytes32 sessionId) external {
        bytes32 key = _keyOf(msg.sender, sessionId);
        List storage list = _lists[key];
        uint32 stored = list.stored;
        if (list.complete) revert ListIsComplete();
        if (stored == 0) revert ListIsEmpty();
        if (list.total != 0 && list.total != stored) revert ChunksMissing(stored, list.total);
        list.complete = true;
        list.total = stored;
        emit SessionComplete(msg.sender, sessionId, _rootOf(key, stored), stored, list.sizeBytes);
    }

    /** Says what became of a listed chunk. An event only. */
    function updateChunkStatus(bytes32 sessionId, uint32 index, Status status) external {
        if (index >= _lists[_keyOf(msg.sender, sessionId)].stored) revert ChunkUnknown(index);
        emit ChunkStatusChanged(msg.sender, sessionId, index, status);
    }

    /** Whether a chunk with this metadata is leaf `index` of the list, by its path in the tree of all chunks listed now. */
    function verifyStorageProof(
        address uploader,
        bytes32 sessionId,
        uint32 index,
        bytes32 cipherHash,
        uint32 sizeBytes,
        bytes32[] calldata path
    ) external view returns (bool) {
        bytes32 key = _keyOf(uploader, sessionId);
        uint32 stored = _lists[key].stored;
        bytes32 leaf = _leafHash(sessionId, index, cipherHash, sizeBytes);
        return MerkleProofs.verifyInclusion(_rootOf(key, stored), stored, index, leaf, path);
    }

    /** Counters of a list; zeros where there is none. */
    function sessionList(address uploader, bytes32 sessionId) external view returns (List memory) {
        return _lists[_keyOf(uploader, sessionId)];
    }

    /** Root of the tree over the chunks listed now; SHA-256 of nothing where there are none. */
    function sessionRoot(address uploader, bytes32 sessionId) external view returns (bytes32) {
        bytes32 key = _keyOf(uploader, sessionId);
        return _rootOf(key, _lists[key].stored);
    }

    function isChunkStored(address uploader, bytes32 sessionId, uint32 index) external view returns (bool) {
        return index < _lists[_keyOf(uploader, sessionId)].stored;
    }

    function isSessionComplete(address uploader, bytes32 sessionId) external view returns (bool) {
        return _lists[_keyOf(uploader, sessionId)].complete;
    }

    function _append(bytes32[LEVELS] storage frontier, uint32 count, bytes32 leaf) private {
        bytes32 hash = leaf;
        uint256 level = 0;
        for (uint256 rest = count; rest & 1 == 1; rest >>= 1) {
            hash = MerkleProofs.hashNode(frontier[level], hash);
            ++level;
        }
        frontier[level] = hash;
    }

    function _rootOf(bytes32 key, uint32 count) private view returns (bytes32 hash) {
        if (count == 0) return sha256("");
        bytes32[LEVELS] storage frontier = _frontiers[key];
        bool begun = false;
        for (uint256 level = 0; level < LEVELS; ++level) {
            if ((count >> level) & 1 == 0) continue;
            hash = begun ? MerkleProofs.hashNode(frontier[level], hash) : frontier[level];
            begun = true;
        }
    }

    function _keyOf(address uploader, bytes32 sessionId) private pure returns (bytes32) {
        return keccak256(abi.encode(uploader, sessionId));
    }

    function _leafHash(
        bytes32 sessionId,
        uint32 index,
        bytes32 cipherHash,
        uint32 sizeBytes
    ) private pure returns (bytes32) {
        return MerkleProofs.hashLeaf(abi.encode(sessionId, index, cipherHash, sizeBytes));
    }
}
