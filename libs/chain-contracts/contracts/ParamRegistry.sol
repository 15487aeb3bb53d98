// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * The numbers of the network. A parameter is defined once, with bounds that never change; its value is set by the timelock
 * alone, within those bounds. Its key is keccak256 of its name; name and description stand in the event of its definition alone.
 */
contract ParamRegistry {
    /** What it takes to change a parameter (see LucidGovernor). */
    enum Class {
        Ordinary,
        Consensus,
        Governance
    }

    /** `fixedValue`: the value is never changed. */
    struct Definition {
        string name;
        string description;
        uint128 value;
        uint128 min;
        uint128 max;
        Class class;
        bool fixedValue;
    }

    /** A value and the second since 1970 at which it was set. */
    struct Change {
        uint128 value;
        uint64 setAt;
    }

    struct Parameter {
        uint128 value;
        uint128 min;
        uint128 max;
        Class class;
        bool fixedValue;
        uint64 changes;
    }

    uint256 public constant MAX_NAME_BYTES = 64;
    uint256 public constant MAX_DESCRIPTION_BYTES = 256;
    uint256 public constant MAX_HISTORY = 100;
    uint256 public constant MAX_PARAMETERS = 256;

    /** Who alone may set and add. */
    address public immutable timelock;

    event ParameterDefined(bytes32 indexed key, Definition definition);
    event ParameterSet(bytes32 indexed key, uint128 oldValue, uint128 newValue);

    error OnlyTimelock(address caller);
    error ZeroTimelock();
    error ParameterUnknown(bytes32 key);
    error ParameterExists(string name);
    error ParameterIsFixed(bytes32 key);
    error ValueOutOfBounds(bytes32 key, uint256 value, uint256 min, uint256 max);
    error NameLength(uint256 sizeBytes);
    error DescriptionLength(uint256 sizeBytes);
    error TooManyParameters();

    bytes32[] private _keys;
    mapping(bytes32 key => Parameter) private _parameters;
    mapping(bytes32 key => Change[MAX_HISTORY]) private _changes;

    modifier onlyTimelock() {
        if (msg.sender != timelock) revert OnlyTimelock(msg.sender);
        _;
    }

    constructor(address timelock_, Definition[] memory definitions) {
        if (timelock_ == address(0)) revert ZeroTimelock();
        timelock = timelock_;
        for (uint256 i = 0; i < definitions.length; ++i) _define(definitions[i]);
    }

    /** Sets a value within the parameter's bounds. */
    function set(bytes32 key, uint256 value) external onlyTimelock {
        Parameter storage changed = _find(key);
        if (changed.fixedValue) revert ParameterIsFixed(key);
        _checkBounds(key, value, changed.min, changed.max);
        emit ParameterSet(key, changed.value, uint128(value));
        _record(key, changed, uint128(value));
    }

    /** Adds a parameter; a name is defined once. */
    function add(Definition calldata definition) external onlyTimelock {
        _define(definition);
    }

    /** The value; reverts where there is no such parameter. */
    function get(bytes32 key) external view returns (uint256) {
        return _find(key).value;
    }

    function getByName(string calldata name) external view returns (uint256) {
        return _find(keccak256(bytes(name))).value;
    }

    function classOf(bytes32 key) external view returns (Class) {
        return _find(key).class;
    }

    /** All of a parameter; `changes` counts the values it has had. */
    function parameter(bytes32 key) external view returns (Parameter memory) {
        return _find(key);
    }

    function has(bytes32 key) public view returns (bool) {
        return _parameters[key].changes != 0;
    }

    /** Keys of all parameters, in the order of their definition. */
    function keys() external view returns (bytes32[] memory) {
        return _keys;
    }

    /** The last values, at most 100, oldest first; the first one is that of the definition. */
    function history(bytes32 key) external view returns (Change[] memory changes) {
        uint256 count = _find(key).changes;
        uint256 kept = count < MAX_HISTORY ? count : MAX_HISTORY;
        changes = new Change[](kept);
        for (uint256 i = 0; i < kept; ++i) changes[i] = _changes[key][(count - kept + i) % MAX_HISTORY];
    }

    function _define(Definition memory definition) private {
        uint256 nameBytes = bytes(definition.name).length;
        uint256 descriptionBytes = bytes(definition.description).length;
        if (nameBytes == 0 || nameBytes > MAX_NAME_BYTES) revert NameLength(nameBytes);
        if (descriptionBytes > MAX_DESCRIPTION_BYTES) revert DescriptionLength(descriptionBytes);
        if (_keys.length >= MAX_PARAMETERS) revert TooManyParameters();
        bytes32 key = keccak256(bytes(definition.name));
        if (has(key)) revert ParameterExists(definition.name);
        _checkBounds(key, definition.value, definition.min, definition.max);
        _keys.push(key);
        Parameter storage added = _parameters[key];
        added.min = definition.min;
        added.max = definition.max;
        added.class = definition.class;
        added.fixedValue = definition.fixedValue;
        _record(key, added, definition.value);
        emit ParameterDefined(key, definition);
    }

    function _record(bytes32 key, Parameter storage changed, uint128 value) private {
        uint64 count = changed.changes;
        _changes[key][count % MAX_HISTORY] = Change(value, uint64(block.timestamp));
        changed.changes = count + 1;
        changed.value = value;
    }

    function _find(bytes32 key) private view returns (Parameter storage found) {
        found = _parameters[key];
        if (found.changes == 0) revert ParameterUnknown(key);
    }

    function _checkBounds(bytes32 key, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert ValueOutOfBounds(key, value, min, max);
    }
}
