// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {ParamRegistry} from "./ParamRegistry.sol";

/**
 * The nodes that may vote: one node, one vote, no tokens, no delegation.
 *
 * Oracles report what a node has done; the registry judges by the numbers of ParamRegistry whether it is eligible, at the
 * time of the report. The timelock appoints and dismisses oracles and may shut a node out. Votes are checkpointed by the second
 * (ERC-6372), so that a proposal counts those who were eligible when its voting began.
 */
contract LucidNodes is AccessControl, IERC5805 {
    using Checkpoints for Checkpoints.Trace208;

    /** `uptime` in hundredths of a percent over three months, `earned` in whole LUCID. */
    struct Node {
        uint16 uptime;
        uint64 earned;
        uint64 reportedAt;
        bool excluded;
    }

    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    /** May propose at the immediate level. */
    bytes32 public constant ADMIN_ROLE = keccak256("ADMIN_ROLE");
    bytes32 private constant MIN_UPTIME = keccak256("NODE_MIN_UPTIME_PERCENT");
    bytes32 private constant MIN_EARNED = keccak256("NODE_MIN_EARNED_LUCID");
    uint16 private constant FULL_UPTIME = 10_000;

    ParamRegistry public immutable registry;

    event NodeReported(address indexed node, uint16 uptime, uint64 earned, bool eligible);
    event NodeExcluded(address indexed node, bool excluded);

    error ZeroAddress();
    error UptimeOutOfBounds(uint16 uptime);
    error NodesDoNotDelegate();
    error FutureLookup(uint256 timepoint, uint48 clock);

    mapping(address node => Node) private _nodes;
    mapping(address node => Checkpoints.Trace208) private _eligible;
    Checkpoints.Trace208 private _total;

    /** `founders` are eligible until they are reported. */
    constructor(
        ParamRegistry registry_,
        address[] memory oracles,
        address[] memory admins,
        address[] memory founders
    ) {
        registry = registry_;
        registry_.get(MIN_UPTIME);
        registry_.get(MIN_EARNED);
        _grantRole(DEFAULT_ADMIN_ROLE, registry_.timelock());
        for (uint256 i = 0; i < oracles.length; ++i) _grantRole(ORACLE_ROLE, oracles[i]);
        for (uint256 i = 0; i < admins.length; ++i) _grantRole(ADMIN_ROLE, admins[i]);
        for (uint256 i = 0; i < founders.length; ++i) {
            if (founders[i] == address(0)) revert ZeroAddress();
            _setEligible(founders[i], true);
        }
    }

    /** What a node has done; it is eligible, or not, from the next second. */
    function report(address node, uint16 uptime, uint64 earned) external onlyRole(ORACLE_ROLE) {
        if (node == address(0)) revert ZeroAddress();
        if (uptime > FULL_UPTIME) revert UptimeOutOfBounds(uptime);
        Node storage known = _nodes[node];
        known.uptime = uptime;
        known.earned = earned;
        known.reportedAt = uint64(block.timestamp);
        bool eligible = !known.excluded &&
            uptime >= registry.get(MIN_UPTIME) * 100 &&
            earned >= registry.get(MIN_EARNED);
        _setEligible(node, eligible);
        emit NodeReported(node, uptime, earned, eligible);
    }

    /** Shuts a node out, or lets it in again: then it is eligible with its next report. */
    function exclude(address node, bool excluded) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _nodes[node].excluded = excluded;
        if (excluded) _setEligible(node, false);
        emit NodeExcluded(node, excluded);
    }

    function nodeOf(address node) external view returns (Node memory) {
        return _nodes[node];
    }

    /** Number of eligible nodes now. */
    function count() external view returns (uint256) {
        return _total.latest();
    }

    function getVotes(address account) external view returns (uint256) {
        return _eligible[account].latest();
    }

    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        return _eligible[account].upperLookupRecent(_past(timepoint));
    }

    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) {
        return _total.upperLookupRecent(_past(timepoint));
    }

    function delegates(address account) external pure returns (address) {
        return account;
    }

    function delegate(address) external pure {
        revert NodesDoNotDelegate();
    }

    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external pure {
        revert NodesDoNotDelegate();
    }

    /** Seconds since 1970. */
    function clock() public view returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    function _setEligible(address node, bool eligible) private {
        uint208 before = _eligible[node].latest();
        uint208 votes = eligible ? 1 : 0;
        if (before == votes) return;
        _eligible[node].push(clock(), votes);
        _total.push(clock(), eligible ? _total.latest() + 1 : _total.latest() - 1);
        emit DelegateVotesChanged(node, before, votes);
    }

    function _past(uint256 timepoint) private view returns (uint48) {
        if (timepoint >= clock()) revert FutureLookup(timepoint, clock());
        return uint48(timepoint);
    }
}
