// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {LucidNodes} from "./LucidNodes.sol";
import {LucidTimelock} from "./LucidTimelock.sol";
import {ParamRegistry} from "./ParamRegistry.sol";

/**
 * Proposals, one node one vote (LucidNodes), all numbers from ParamRegistry.
 *
 *   Pending -> Active -> Succeeded -> Queued -> Ready -> Executed
 *   (discussion) (voting)             (delay)   (grace)
 *   or Canceled by its proposer while Pending, Defeated by the vote, Expired where it was not queued, or not executed, in its grace.
 *
 * A proposal keeps the numbers that held when it was made (`termsOf`). It passes with more votes for than against, with votes for of
 * a quorum of the nodes that were eligible when voting began, and with as many votes for as its kind needs signatures.
 *
 * What a proposal may do depends on its kind, so that none can name a weaker kind than its actions need:
 * - calls of governor, timelock and roles, new parameters, parameters of governance: contract_upgrade
 * - parameters of consensus: consensus_change, or contract_upgrade
 * - shutting nodes out: node_provisioning, or contract_upgrade
 * - other parameters, other contracts: any kind
 */
contract LucidGovernor is GovernorCountingSimple, GovernorVotes {
    enum Kind {
        ParameterChange,
        ContractUpgrade,
        EmergencyShutdown,
        KeyRotation,
        NodeProvisioning,
        PolicyUpdate,
        FeeAdjustment,
        ConsensusChange
    }

    enum Level {
        Normal,
        Urgent,
        Emergency,
        Immediate
    }

    enum Stage {
        Pending,
        Active,
        Succeeded,
        Queued,
        Ready,
        Executed,
        Canceled,
        Expired,
        Defeated
    }

    /** What holds for one proposal: seconds, percent, votes. */
    struct Terms {
        Kind kind;
        Level level;
        uint32 delaySec;
        uint32 graceSec;
        uint8 quorumPercent;
        uint16 signatures;
    }

    ParamRegistry public immutable registry;
    LucidNodes public immutable nodes;
    LucidTimelock private immutable _timelock;

    event ProposalTerms(uint256 indexed proposalId, address indexed proposer, Kind kind, Level level);

    error TimelockServesAnother(address timelock);
    error OnlyAdminsAreImmediate(address proposer);
    error TooManyOpenProposals(address proposer, uint256 limit);
    error ActionNeedsKind(uint256 action, Kind kind);
    error NodeNotEligible(address node);

    mapping(uint256 proposalId => Terms) private _terms;
    mapping(uint256 proposalId => bytes32) private _operations;
    mapping(address proposer => uint256[]) private _openProposals;

    constructor(
        LucidTimelock timelock_,
        LucidNodes nodes_
    ) Governor("LucidGovernor") GovernorVotes(nodes_) {
        registry = nodes_.registry();
        nodes = nodes_;
        _timelock = timelock_;
        if (registry.timelock() != address(timelock_) || !timelock_.hasRole(timelock_.PROPOSER_ROLE(), address(this)))
            revert TimelockServesAnother(address(timelock_));
        _checkParameters();
    }

    /** A proposal of a kind and a level. Its proposer is eligible, with fewer open ones than the limit. */
    function proposeAs(
        Kind kind,
        Level level,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public returns (uint256 proposalId) {
        address proposer = _msgSender();
        if (level == Level.Immediate && !nodes.hasRole(nodes.ADMIN_ROLE(), proposer))
            revert OnlyAdminsAreImmediate(proposer);
        for (uint256 i = 0; i < targets.length && i < calldatas.length; ++i)
            _checkAction(kind, i, targets[i], calldatas[i]);
        proposalId = super.propose(targets, values, calldatas, description);
        _terms[proposalId] = _termsNow(kind, level);
        _open(proposer, proposalId);
        emit ProposalTerms(proposalId, proposer, kind, level);
    }

    /** As a parameter_change at the normal level. */
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override returns (uint256) {
        return proposeAs(Kind.ParameterChange, Level.Normal, targets, values, calldatas, description);
    }

    function termsOf(uint256 proposalId) external view returns (Terms memory) {
        return _terms[proposalId];
    }

    /** Votes for that a proposal needs. Known once its voting has begun. */
    function votesNeeded(uint256 proposalId) public view returns (uint256) {
        Terms memory terms = _terms[proposalId];
        uint256 eligible = nodes.getPastTotalSupply(proposalSnapshot(proposalId));
        return Math.max(_share(eligible, terms.quorumPercent), terms.signatures);
    }

    /** Proposals of a node that are not over. */
    function openProposals(address proposer) external view returns (uint256[] memory open) {
        uint256[] storage known = _openProposals[proposer];
        open = new uint256[](known.length);
        uint256 count = 0;
        for (uint256 i = 0; i < known.length; ++i) if (_isOpen(known[i])) open[count++] = known[i];
        assembly ("memory-safe") {
            mstore(open, count)
        }
    }

    /** The state with Ready told from Queued. */
    function stage(uint256 proposalId) external view returns (Stage) {
        ProposalState current = state(proposalId);
        if (current == ProposalState.Pending) return Stage.Pending;
        if (current == ProposalState.Active) return Stage.Active;
        if (current == ProposalState.Succeeded) return Stage.Succeeded;
        if (current == ProposalState.Executed) return Stage.Executed;
        if (current == ProposalState.Canceled) return Stage.Canceled;
        if (current == ProposalState.Expired) return Stage.Expired;
        if (current == ProposalState.Defeated) return Stage.Defeated;
        return block.timestamp >= proposalEta(proposalId) ? Stage.Ready : Stage.Queued;
    }

    function state(uint256 proposalId) public view override returns (ProposalState) {
        ProposalState current = super.state(proposalId);
        uint256 graceSec = _terms[proposalId].graceSec;
        if (current == ProposalState.Succeeded && block.timestamp > proposalDeadline(proposalId) + graceSec)
            return ProposalState.Expired;
        if (current != ProposalState.Queued) return current;
        bytes32 operation = _operations[proposalId];
        if (_timelock.isOperationDone(operation)) return ProposalState.Executed;
        if (!_timelock.isOperation(operation)) return ProposalState.Canceled;
        return block.timestamp > proposalEta(proposalId) + graceSec ? ProposalState.Expired : ProposalState.Queued;
    }

    function timelock() external view returns (address) {
        return address(_timelock);
    }

    function votingDelay() public view override returns (uint256) {
        return _param("GOV_DISCUSSION_SEC");
    }

    function votingPeriod() public view override returns (uint256) {
        return _param("GOV_VOTING_SEC");
    }

    function proposalThreshold() public pure override returns (uint256) {
        return 1;
    }

    /** Votes for that the kinds without a supermajority need; `votesNeeded` is exact for a proposal. */
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return _share(nodes.getPastTotalSupply(timepoint), _param("GOV_QUORUM_PERCENT"));
    }

    function proposalNeedsQueuing(uint256) public pure override returns (bool) {
        return true;
    }

    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override(IGovernor, GovernorCountingSimple) returns (string memory) {
        return "support=bravo&quorum=for";
    }

    function _executor() internal view override returns (address) {
        return address(_timelock);
    }

    function _quorumReached(
        uint256 proposalId
    ) internal view override(Governor, GovernorCountingSimple) returns (bool) {
        (, uint256 forVotes, ) = proposalVotes(proposalId);
        return forVotes >= votesNeeded(proposalId);
    }

    function _countVote(
        uint256 proposalId,
        address account,
        uint8 support,
        uint256 weight,
        bytes memory params
    ) internal override(Governor, GovernorCountingSimple) returns (uint256) {
        if (weight == 0) revert NodeNotEligible(account);
        return super._countVote(proposalId, account, support, weight, params);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override returns (uint48) {
        uint256 delaySec = _terms[proposalId].delaySec;
        bytes32 salt = _salt(descriptionHash);
        _operations[proposalId] = _timelock.hashOperationBatch(targets, values, calldatas, 0, salt);
        _timelock.scheduleBatch(targets, values, calldatas, 0, salt, delaySec);
        return SafeCast.toUint48(block.timestamp + delaySec);
    }

    function _executeOperations(
        uint256,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override {
        _timelock.executeBatch{value: msg.value}(targets, values, calldatas, 0, _salt(descriptionHash));
    }

    function _checkAction(Kind kind, uint256 action, address target, bytes memory data) private view {
        if (kind == Kind.ContractUpgrade) return;
        bytes4 selector = bytes4(data);
        if (target == address(registry) && selector == ParamRegistry.set.selector && data.length >= 36) {
            bytes32 key;
            assembly ("memory-safe") {
                key := mload(add(data, 0x24))
            }
            ParamRegistry.Class class = registry.classOf(key);
            if (class == ParamRegistry.Class.Ordinary) return;
            if (class == ParamRegistry.Class.Governance) revert ActionNeedsKind(action, Kind.ContractUpgrade);
            if (kind != Kind.ConsensusChange) revert ActionNeedsKind(action, Kind.ConsensusChange);
        } else if (target == address(nodes) && selector == LucidNodes.exclude.selector) {
            if (kind != Kind.NodeProvisioning) revert ActionNeedsKind(action, Kind.NodeProvisioning);
        } else if (
            target == address(this) ||
            target == address(_timelock) ||
            target == address(registry) ||
            target == address(nodes)
        ) {
            revert ActionNeedsKind(action, Kind.ContractUpgrade);
        }
    }

    function _termsNow(Kind kind, Level level) private view returns (Terms memory) {
        bool superMajority = kind == Kind.ConsensusChange || kind == Kind.ContractUpgrade;
        return
            Terms({
                kind: kind,
                level: level,
                delaySec: SafeCast.toUint32(_param(_delayName(level))),
                graceSec: SafeCast.toUint32(_param("GOV_GRACE_SEC")),
                quorumPercent: SafeCast.toUint8(
                    _param(superMajority ? "GOV_SUPERMAJORITY_PERCENT" : "GOV_QUORUM_PERCENT")
                ),
                signatures: SafeCast.toUint16(_param(_signaturesName(kind)))
            });
    }

    /** Adds to the proposer's open proposals and strikes out those that are over: never more than the limit are kept. */
    function _open(address proposer, uint256 proposalId) private {
        uint256[] storage open = _openProposals[proposer];
        uint256 i = 0;
        while (i < open.length) {
            if (_isOpen(open[i])) {
                ++i;
            } else {
                open[i] = open[open.length - 1];
                open.pop();
            }
        }
        uint256 limit = _param("GOV_MAX_OPEN_PROPOSALS");
        if (open.length >= limit) revert TooManyOpenProposals(proposer, limit);
        open.push(proposalId);
    }

    function _isOpen(uint256 proposalId) private view returns (bool) {
        ProposalState current = state(proposalId);
        return
            current == ProposalState.Pending ||
            current == ProposalState.Active ||
            current == ProposalState.Succeeded ||
            current == ProposalState.Queued;
    }

    /** Reads each number once, so that a governor over an incomplete registry cannot be deployed. */
    function _checkParameters() private view {
        votingDelay();
        votingPeriod();
        _param("GOV_MAX_OPEN_PROPOSALS");
        for (uint8 kind = 0; kind <= uint8(type(Kind).max); ++kind) _termsNow(Kind(kind), Level.Normal);
        for (uint8 level = 0; level <= uint8(type(Level).max); ++level) _param(_delayName(Level(level)));
    }

    function _param(string memory name) private view returns (uint256) {
        return registry.get(keccak256(bytes(name)));
    }

    function _delayName(Level level) private pure returns (string memory) {
        if (level == Level.Normal) return "GOV_DELAY_NORMAL_SEC";
        if (level == Level.Urgent) return "GOV_DELAY_URGENT_SEC";
        if (level == Level.Emergency) return "GOV_DELAY_EMERGENCY_SEC";
        return "GOV_DELAY_IMMEDIATE_SEC";
    }

    function _signaturesName(Kind kind) private pure returns (string memory) {
        if (kind == Kind.ParameterChange) return "GOV_SIGNATURES_PARAMETER_CHANGE";
        if (kind == Kind.ContractUpgrade) return "GOV_SIGNATURES_CONTRACT_UPGRADE";
        if (kind == Kind.EmergencyShutdown) return "GOV_SIGNATURES_EMERGENCY_SHUTDOWN";
        if (kind == Kind.KeyRotation) return "GOV_SIGNATURES_KEY_ROTATION";
        if (kind == Kind.NodeProvisioning) return "GOV_SIGNATURES_NODE_PROVISIONING";
        if (kind == Kind.PolicyUpdate) return "GOV_SIGNATURES_POLICY_UPDATE";
        if (kind == Kind.FeeAdjustment) return "GOV_SIGNATURES_FEE_ADJUSTMENT";
        return "GOV_SIGNATURES_CONSENSUS_CHANGE";
    }

    function _share(uint256 eligible, uint256 percent) private pure returns (uint256) {
        return Math.ceilDiv(eligible * percent, 100);
    }

    function _salt(bytes32 descriptionHash) private view returns (bytes32) {
        return bytes20(address(this)) ^ descriptionHash;
    }
}
