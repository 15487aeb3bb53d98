// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * Merkle trees of RFC 9162, section 2.1, with SHA-256 (precompile 0x02).
 *
 * leaf  SHA-256(0x00 || data)
 * node  SHA-256(0x01 || left || right)
 *
 * Sizes are at most 2^32 - 1, so a path has at most 32 hashes; longer ones are refused before anything is hashed.
 */
library MerkleProofs {
    uint256 internal constant MAX_PATH = 32;

    function hashLeaf(bytes memory data) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), data));
    }

    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /** Whether `path` leads from the leaf at `index` to the root of a tree of `size` leaves (RFC 9162, section 2.1.3.2). */
    function verifyInclusion(
        bytes32 root,
        uint256 size,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (index >= size || path.length > MAX_PATH) return false;
        uint256 node = index;
        uint256 last = size - 1;
        bytes32 hash = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (node & 1 == 1 || node == last) {
                hash = hashNode(path[i], hash);
                while (node & 1 == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = hashNode(hash, path[i]);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }
}
